"""GraphQL of accounts, one file per subject."""

import graphene

from apps.accounts.schema.addresses import AddressMutations
from apps.accounts.schema.own import OwnMutations, OwnQuery
from apps.accounts.schema.passwords import PasswordMutations
from apps.accounts.schema.people import PeopleMutations, PeopleQuery
from apps.accounts.schema.sessions import SessionMutations

__all__ = ["Mutations", "Query"]


class Query(PeopleQuery, OwnQuery, graphene.ObjectType):
    """Accounts' root fields."""


class Mutations(
    PeopleMutations, AddressMutations, PasswordMutations, SessionMutations, OwnMutations, graphene.ObjectType
):
    """Accounts' mutations."""
