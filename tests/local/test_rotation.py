"""Link key, X's secret and code key are changed on a running stage: nobody who pays notices."""

import json
import secrets

import pytest

from chalicelib.intents import link as links
from chalicelib.intents.intent import from_item
from local import meta, wire
from local.stages import PROGRAMME
from tests.local.messenger import PAGE
from tests.local.town import PAID, Town

pytestmark = [pytest.mark.local]

CODE_ALIAS = "alias/envoi-local-code"


def rotate(town: Town, secret: str, **changes: str) -> None:
    """Write a new version of a secret, as an operator does; the one before stays live."""
    manager = town.stack.client("secretsmanager")
    now = json.loads(manager.get_secret_value(SecretId=secret)["SecretString"])
    manager.put_secret_value(SecretId=secret, SecretString=json.dumps({**now, **changes}))


def test_links_of_either_key_pay_while_the_link_key_is_changed(town: Town) -> None:
    """One link is in the payer's phone before, one is made with the new key, which the page has not read yet."""
    payer, payee = town.resident(), town.resident(0)
    before, after = town.pays(payer, payee), town.pays(payer, payee, "5 euros")
    town.step("open", before.link)  # the page keeps the old key from here on
    key = secrets.token_urlsafe(48)
    rotate(town, "envoi-local-link", key=key)
    intent = from_item(town.order(after.id))
    expires_at = int(after.link.split(".")[2], 36)
    of_new_key = links.make(key.encode(), PROGRAMME, intent, expires_at=expires_at)
    assert of_new_key != after.link
    assert PAID in town.confirm(of_new_key).body
    assert PAID in town.confirm(before.link).body
    assert town.funds(payee) == 1_500


def test_a_webhook_of_the_secret_before_is_taken_while_xs_secret_is_changed(town: Town) -> None:
    """What X had signed when the secret was changed is an order like any other."""
    old = town.stack.x_secret["consumer_secret"]
    rotate(town, "envoi-local-x", consumer_secret=secrets.token_urlsafe(32))
    try:
        payer, payee = town.resident(), town.resident(0)
        assert PAID in town.confirm(town.pays(payer, payee).link).body
    finally:
        rotate(town, "envoi-local-x", consumer_secret=old)


def test_a_message_of_the_secret_before_is_taken_while_metas_secret_is_changed(town: Town) -> None:
    """What Meta had signed with the old app secret is read, and so is what it signs with the new one."""
    old, new = town.stack.meta_secret["app_secret"], secrets.token_urlsafe(32)
    rotate(town, "envoi-local-meta", app_secret=new)
    try:
        for secret in (old, new):
            body = meta.body(meta.written("aide", page=PAGE, by="4237571439620831"), page=PAGE)
            url, signed = f"{town.stack.api_url}/webhooks/facebook", meta.sign(body, secret)
            assert wire.call(url, method="POST", body=body, headers=signed).status == 200
    finally:
        rotate(town, "envoi-local-meta", app_secret=old)


def test_a_code_pays_after_the_code_key_was_changed_and_is_stored_anew(town: Town) -> None:
    """The role of the page may use both keys, and the stored code tells which one it is under."""
    payer, payee = town.resident(), town.resident(0)
    assert PAID in town.confirm(town.pays(payer, payee).link).body
    stored = town.account(payer)["code"]
    kms = town.stack.client("kms")
    current = kms.describe_key(KeyId=CODE_ALIAS)["KeyMetadata"]["KeyId"]
    made = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"{CODE_ALIAS}-before", TargetKeyId=current)
    kms.update_alias(AliasName=CODE_ALIAS, TargetKeyId=made)
    assert town.account(payer)["code"] == stored
    assert PAID in town.confirm(town.pays(payer, payee).link).body
    assert stored.startswith(current[:8])
    assert town.account(payer)["code"].startswith(made[:8])
