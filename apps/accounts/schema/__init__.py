"""GraphQL of accounts, one file per subject."""

import graphene

from apps.accounts.schema.addresses import AddressMutations
from apps.accounts.schema.passwords import PasswordMutations
from apps.accounts.schema.people import PeopleMutations, Query
from apps.accounts.schema.sessions import SessionMutations

__all__ = ["Mutations", "Query"]


class Mutations(PeopleMutations, AddressMutations, PasswordMutations, SessionMutations, graphene.ObjectType):
    """Accounts' mutations."""
