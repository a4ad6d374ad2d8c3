"""The table of principals as rules of Kafka's authorizer and as roles of Elasticsearch; what is there already is left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tenacity
from elasticsearch import ApiError, Elasticsearch
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError, NoError, SecurityDisabledError

from deploy.security.rights import Acl, Principal
from streams.errors import RafidError

# A rule is in force on a broker moments after the controller took it.
IN_FORCE_S = 15.0
_RULE_WORDS = {"DescribeConfigs": "DESCRIBE_CONFIGS", "AlterConfigs": "ALTER_CONFIGS"}


def grant_in_kafka(admin: KafkaAdminClient, principals: Iterable[Principal]) -> list[str]:
    """Gives each principal the rules of the table and no others; returns what changed, a line for each principal.

    Returns when the broker goes by them. Raises RafidError when it has no authorizer, or does not take a rule.
    """
    changed = []
    for principal in principals:
        wanted, found = {_rule(principal, acl) for acl in principal.acls}, _rules(admin, principal)
        if wanted == found:
            continue
        if missing := sorted(wanted - found, key=str):
            refused = admin.create_acls(missing)["failed"]
            if refused:
                raise RafidError(f"Kafka did not take the rights of {principal.user}: {refused[0].__name__}")
        if surplus := sorted(found - wanted, key=str):
            admin.delete_acls([_as_filter(rule) for rule in surplus])
        _await_rules(admin, principal, wanted)
        changed.append(f"user {principal.user}: {len(missing)} rights given in Kafka, {len(surplus)} taken")
    return changed


def set_passwords(admin: KafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """Sets the passwords by which users log in to Kafka with SCRAM-SHA-512; raises RafidError when Kafka does not take one."""
    wanted = [UserScramCredentialUpsertion(user, "SCRAM-SHA-512", password) for user, password in passwords.items()]
    refused = {user: error for user, error in admin.alter_user_scram_credentials(wanted).items() if error}
    for user, error in refused.items():
        raise RafidError(f"Kafka did not take the password of {user}: {error}")


def users_with_passwords(admin: KafkaAdminClient) -> set[str]:
    """Returns the users of Kafka that log in by SCRAM-SHA-512."""
    found = admin.describe_user_scram_credentials()
    return {user for user, entry in found.items() if not entry["error"]}


def _is_starting(error: BaseException) -> bool:
    return isinstance(error, ApiError) and error.status_code == 503


# The first question about a user makes Elasticsearch set up the index of users, which has no shard for a moment.
once_it_knows_users = tenacity.retry(
    retry=tenacity.retry_if_exception(_is_starting),
    stop=tenacity.stop_after_delay(60),
    wait=tenacity.wait_fixed(0.2),
    reraise=True,
)


@once_it_knows_users
def let_into_elasticsearch(client: Elasticsearch, passwords: Mapping[str, str], roles: Iterable[str]) -> list[str]:
    """Lets each user log in with its password; returns a line for each. Raises what the client raises.

    A user has the role of its own name, which is one of `roles`; the user of any other name is one of the server's own.
    """
    made = []
    for user, password in passwords.items():
        if user in roles:
            client.security.put_user(username=user, password=password, roles=[user])
        else:
            client.security.change_password(username=user, password=password)
        made.append(f"user {user}: has its password in Elasticsearch")
    return made


@once_it_knows_users
def grant_in_elasticsearch(client: Elasticsearch, principals: Iterable[Principal]) -> list[str]:
    """Gives each principal the role of the table; returns what changed, a line for each. Raises what the client raises."""
    changed = []
    for principal in principals:
        if principal.role is None:
            continue
        found = client.options(ignore_status=404).security.get_role(name=principal.user).body.get(principal.user, {})
        if not _is_role(found, principal.role):
            client.security.put_role(name=principal.user, **principal.role)
            changed.append(f"role {principal.user}: {'replaced' if found else 'created'} in Elasticsearch")
    return changed


def _is_role(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    indices = [{"names": each["names"], "privileges": each["privileges"]} for each in found.get("indices", ())]
    other = ("cluster", "applications")
    return bool(found) and indices == wanted["indices"] and all(found[name] == wanted[name] for name in other)


def _rule(principal: Principal, acl: Acl) -> ACL:
    operation = ACLOperation[_RULE_WORDS.get(acl.operation, acl.operation.upper())]
    where = ResourcePattern(ResourceType[acl.kind.upper()], acl.name)
    return ACL(f"User:{principal.user}", "*", operation, ACLPermissionType.ALLOW, where)


def _rules(admin: KafkaAdminClient, principal: Principal) -> set[ACL]:
    anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    of_user = ACLFilter(f"User:{principal.user}", None, ACLOperation.ANY, ACLPermissionType.ANY, anything)
    try:
        found, error = admin.describe_acls(of_user)
    except SecurityDisabledError:
        found, error = [], SecurityDisabledError
    if error is SecurityDisabledError:
        raise RafidError("this Kafka gives rights to nobody: set authorizer.class.name on its brokers")
    if error is not NoError:
        raise RafidError(f"Kafka does not tell the rights of {principal.user}: {_name(error)}")
    return set(found)


def _name(error: type[KafkaError] | KafkaError) -> str:
    return error.__name__ if isinstance(error, type) else str(error)


def _as_filter(rule: ACL) -> ACLFilter:
    where = rule.resource_pattern
    pattern = ResourcePatternFilter(where.resource_type, where.resource_name, where.pattern_type)
    return ACLFilter(rule.principal, rule.host, rule.operation, rule.permission_type, pattern)


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(RafidError),
    stop=tenacity.stop_after_delay(IN_FORCE_S),
    wait=tenacity.wait_fixed(0.05),
    reraise=True,
)
def _await_rules(admin: KafkaAdminClient, principal: Principal, wanted: set[ACL]) -> None:
    if _rules(admin, principal) != wanted:
        raise RafidError(f"the rights of {principal.user} are not in force {IN_FORCE_S:g} s after Kafka took them")
