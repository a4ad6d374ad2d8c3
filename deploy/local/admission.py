"""The users of a secured stack are in its servers, with the rights of the table and nothing else."""

from __future__ import annotations

from elasticsearch import Elasticsearch

from deploy.local.security import Security
from deploy.security.granting import (
    grant_in_elasticsearch,
    grant_in_kafka,
    once_it_knows_users,
    set_passwords,
    users_with_passwords,
)
from deploy.security.rights import Principal, principals
from streams.connect import clients


def admit(security: Security, addresses: dict[str, str]) -> None:
    """Lets every principal of the table log in to the servers at `addresses`, and writes its two files of variables.

    Done again and again it changes nothing, gives a new key for one that was revoked, and takes back rights that were added.
    """
    everyone = principals().values()
    with clients.admin(security.admin(addresses["kafka_tls"])) as admin:
        there = users_with_passwords(admin)
        missing = {each.user: security.password(each.user) for each in everyone if each.user not in there}
        if missing:
            set_passwords(admin, missing)
        grant_in_kafka(admin, everyone)
    with security.elastic_admin(addresses["elasticsearch"]).client() as client:
        grant_in_elasticsearch(client, everyone)
        for principal in everyone:
            _admit_to_elasticsearch(client, security, principal)
    for principal in everyone:
        security.write_environments(principal, addresses)


@once_it_knows_users
def _admit_to_elasticsearch(client: Elasticsearch, security: Security, principal: Principal) -> None:
    if principal.role is None:
        return
    user, rights = principal.user, {principal.user: dict(principal.role)}
    if user not in client.options(ignore_status=404).security.get_user(username=user).body:
        client.security.put_user(username=user, password=security.password(user), roles=[user])
    if key_id := security.api_key_id(user):
        lenient = client.options(ignore_status=[400, 404])  # the answers for a key that was revoked
        if "updated" in lenient.security.update_api_key(id=key_id, role_descriptors=rights).body:
            return
    made = client.security.create_api_key(name=user, role_descriptors=rights).body
    security.keep("api_keys", user, made["encoded"])
