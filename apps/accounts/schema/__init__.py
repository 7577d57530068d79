"""GraphQL of accounts, one file per subject."""

import graphene

from apps.accounts.schema.people import PeopleMutations, Query
from apps.accounts.schema.sessions import SessionMutations

__all__ = ["Mutations", "Query"]


class Mutations(PeopleMutations, SessionMutations, graphene.ObjectType):
    """Accounts' mutations."""
