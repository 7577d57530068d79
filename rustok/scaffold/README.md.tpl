# $module

**Purpose.** Say in two sentences what people get from it.

**Owns.** `$Model`.

**Announces.** `$word.created`.

**Listens.** Nothing.

**Edges.** REST `/api/v1/$path/`, GraphQL `$query`, `${word}Create`, admin.
