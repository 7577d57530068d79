"""The functions in the database, in PL/pgSQL."""

from __future__ import annotations

__all__ = ["CAPTURE", "ERASE", "KEEP", "PRUNE"]

_COLUMNS = """id, at, transaction, action, permission, actor_id, actor_kind, actor_label, key_id, address, via,
        trace_id, correlation_id, object_type, object_id, object_label, whole_type, whole_id, before, after"""
_VALUES = """uuidv7(), now(), pg_current_xact_id()::text::bigint, 'row.' || lower(TG_OP),
        coalesce(work->>'permission', ''), (work->>'actor')::uuid, coalesce(work->>'kind', 'system'),
        CASE WHEN work->>'kind' <> 'system' OR work->>'label' <> '' THEN coalesce(work->>'label', '')
            ELSE coalesce(nullif(current_setting('application_name'), ''), session_user) END,
        (work->>'key')::uuid, coalesce(work->>'address', ''), coalesce(work->>'via', ''),
        coalesce(work->>'trace', ''), (work->>'correlation')::uuid,
        TG_ARGV[0], coalesce(one->>TG_ARGV[1], ''), left(coalesce(label, ''), 200),
        CASE WHEN one->>TG_ARGV[3] IS NULL THEN '' ELSE TG_ARGV[2] END, coalesce(one->>TG_ARGV[3], ''), was, now_is"""

_PLACES = ", ".join(f"${place}" for place in range(1, _COLUMNS.count(",") + 2))


def _cut(value: str) -> str:
    """Write the expression that keeps of a long value its beginning, its length and a hash."""
    text = f"({value} #>> '{{}}')"
    return f"""to_jsonb(left({text}, 200) || '… (' || length({text}) || ' characters, sha256 '
                || left(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), 16) || ')')"""


def _bounded(name: str) -> str:
    """Write the statement that shortens the long values of a variable, if it is long at all."""
    return f"""
    IF pg_column_size({name}) > 2000 THEN
        SELECT jsonb_object_agg(key, CASE WHEN pg_column_size(value) > 1000 THEN {_cut("value")} ELSE value END)
        INTO {name} FROM jsonb_each({name});
    END IF;"""  # noqa: S608 (no value of anybody)


#: Told by its trigger: kind of object, key, kind and key of the whole, label, hidden, ignored, which inserts.
#: Rows of the template are nobody's; what happens in `public` is the platform's.
CAPTURE = f"""
CREATE OR REPLACE FUNCTION audit_capture() RETURNS trigger LANGUAGE plpgsql AS $audit$
DECLARE
    home text := CASE TG_TABLE_SCHEMA WHEN 'public' THEN 'platform' ELSE TG_TABLE_SCHEMA END;
    hidden text[] := TG_ARGV[5];
    one jsonb;
    was jsonb;
    now_is jsonb;
    work jsonb;
    label text;
BEGIN
    IF TG_TABLE_SCHEMA = '%template%' OR (TG_OP = 'INSERT' AND TG_ARGV[7] = 'none') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        one := to_jsonb(NEW);
        now_is := one - TG_ARGV[6]::text[];
        was := to_jsonb(OLD) - TG_ARGV[6]::text[];
        IF was = now_is THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_object_agg(key, CASE WHEN key = ANY(hidden) THEN '"•••"' ELSE was->key END),
            jsonb_object_agg(key, CASE WHEN key = ANY(hidden) THEN '"•••"' ELSE value END)
        INTO was, now_is
        FROM jsonb_each(now_is) WHERE value <> was->key;
    ELSIF TG_OP = 'INSERT' THEN
        one := to_jsonb(NEW);
        IF TG_ARGV[7] = 'full' THEN
            now_is := jsonb_strip_nulls(one - TG_ARGV[6]::text[] - hidden - TG_ARGV[1]);
        END IF;
    ELSE
        one := to_jsonb(OLD);
        was := jsonb_strip_nulls(one - TG_ARGV[6]::text[] - hidden - TG_ARGV[1]);
    END IF;
    IF strpos(TG_ARGV[4], '>') = 0 THEN
        label := one->>TG_ARGV[4];
    ELSE
        EXECUTE format('SELECT %I::text FROM %I.%I WHERE %I = %L', split_part(TG_ARGV[4], '>', 4), TG_TABLE_SCHEMA,
            split_part(TG_ARGV[4], '>', 2), split_part(TG_ARGV[4], '>', 3), one->>split_part(TG_ARGV[4], '>', 1))
        INTO label;
    END IF;
    {_bounded("was")}
    {_bounded("now_is")}
    work := coalesce(nullif(current_setting('rustok.work', true), ''), '{{}}');
    IF current_schema() = home THEN
        INSERT INTO audit_auditentry ({_COLUMNS})
        VALUES ({_VALUES});
    ELSIF to_regclass(format('%I.audit_auditentry', home)) IS NOT NULL THEN
        EXECUTE format('INSERT INTO %I.audit_auditentry ({_COLUMNS}) VALUES ({_PLACES})', home)
        USING {_VALUES};
    END IF;
    RETURN NULL;
END $audit$
"""  # noqa: S608 (no value of anybody)

#: Neither the owner of the table gets past it, except through the two functions that may, which leave an entry.
KEEP = """
CREATE OR REPLACE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $audit$
DECLARE
    stack text;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF TG_OP = 'DELETE' AND stack ~ '\\nPL/pgSQL function ([^ ]+\\.)?audit_prune\\(' THEN
        RETURN OLD;
    ELSIF TG_OP = 'UPDATE' AND stack ~ '\\nPL/pgSQL function ([^ ]+\\.)?audit_erase\\(' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $audit$;
CREATE OR REPLACE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE OR REPLACE TRIGGER audit_keep_all BEFORE TRUNCATE ON audit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()
"""

PRUNE = """
CREATE OR REPLACE FUNCTION audit_prune(days integer, most integer) RETURNS integer LANGUAGE plpgsql AS $audit$
DECLARE
    bound uuid;
    gone integer;
BEGIN
    IF days < 30 THEN
        RAISE EXCEPTION 'the audit log keeps at least 30 days' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT (substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-0000-0000-000000000000')::uuid INTO bound
    FROM lpad(to_hex((extract(epoch FROM now() - make_interval(days => days)) * 1000)::bigint), 12, '0') AS hex;
    DELETE FROM audit_auditentry WHERE id IN (SELECT id FROM audit_auditentry WHERE id < bound ORDER BY id LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $audit$
"""

#: `said` names per kind of object the personal columns and the one that says whose it is. About a person is what is
#: them, a part of them, theirs, or names them; theirs is also what has one of their addresses in a personal column.
ERASE = r"""
CREATE OR REPLACE FUNCTION audit_names(body text, emails text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $audit$
    SELECT emails && regexp_split_to_array(lower(body), '([][\s"''(){},:;<>]|\\[nrtbf"\\/])+|\.(?=[\s"\\]|$)')
$audit$;
CREATE OR REPLACE FUNCTION audit_without(body jsonb, columns jsonb, emails text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $audit$
    SELECT CASE WHEN body IS NULL THEN NULL ELSE (
        SELECT coalesce(jsonb_object_agg(key, CASE
            WHEN jsonb_typeof(value) = 'null' THEN value
            WHEN columns ? key
                OR audit_names(value::text, emails)
            THEN '"erased"' ELSE value END), '{}')
        FROM jsonb_each(body)) END
$audit$;
CREATE OR REPLACE FUNCTION audit_theirs(body jsonb, kind jsonb, person text, emails text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $audit$
    SELECT coalesce(body->>(kind->>'owner') = person, false) OR EXISTS (
        SELECT 1 FROM jsonb_each_text(body) WHERE kind->'columns' ? key AND lower(value) = ANY(emails))
$audit$;
CREATE OR REPLACE FUNCTION audit_erase(person text, emails text[], said jsonb) RETURNS integer
LANGUAGE plpgsql AS $audit$
DECLARE
    done integer;
BEGIN
    UPDATE audit_auditentry SET
        actor_label = CASE WHEN actor_id::text = person OR lower(actor_label) = ANY(emails)
            THEN 'erased' ELSE actor_label END,
        address = CASE WHEN actor_id::text = person OR lower(actor_label) = ANY(emails)
            OR (actor_id IS NULL AND lower(object_label) = ANY(emails)) THEN '' ELSE address END,
        object_label = CASE WHEN lower(object_label) = ANY(emails)
            OR (object_id = person AND said ? object_type) THEN 'erased' ELSE object_label END,
        before = audit_without(before, CASE WHEN person IN (object_id, whole_id)
            OR audit_theirs(before, said->object_type, person, emails)
            OR audit_theirs(after, said->object_type, person, emails)
            THEN said->object_type->'columns' ELSE '[]' END, emails),
        after = audit_without(after, CASE WHEN person IN (object_id, whole_id)
            OR audit_theirs(before, said->object_type, person, emails)
            OR audit_theirs(after, said->object_type, person, emails)
            THEN said->object_type->'columns' ELSE '[]' END, emails)
    WHERE actor_id::text = person OR object_id = person OR whole_id = person OR lower(actor_label) = ANY(emails)
        OR lower(object_label) = ANY(emails)
        OR audit_names(before::text, emails) OR audit_names(after::text, emails)
        OR audit_theirs(before, said->object_type, person, emails)
        OR audit_theirs(after, said->object_type, person, emails);
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END $audit$
"""
