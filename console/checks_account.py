"""What the AWS account must allow before a stage opens: credentials, text messages, secrets, the domain."""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from chalicelib import aws, config
from console.checks import NOT_LOCALLY, Check, Verdict, judged, listed, unsure
from local.stages import EMULATED, is_local

# The default limit of a new account, in dollars a month: some twenty messages.
DEFAULT_SPEND_LIMIT = 1.0
LINK_KEY_CHARACTERS = 32
X_SHAPES = {
    "consumer_key": r"\w{20,}",
    "consumer_secret": r"\w{35,}",
    "access_token": r"\d+-\w{30,}",
    "access_secret": r"\w{35,}",
}
META_SHAPES = {"app_secret": r"[0-9a-f]{32}", "verify_token": r"\S{16,}"}
PAGE_SHAPE = r"\w{50,}"


def _identity(_: str) -> Verdict:
    who = aws.client("sts").get_caller_identity()
    region = aws.client("sts").meta.region_name
    return judged(region and not who["Arn"].endswith(":root"), f"{who['Arn']} in {region}")


def _sandbox(_: str) -> Verdict:
    inside = aws.client("sns").get_sms_sandbox_account_status()["IsInSandbox"]
    return judged(not inside, "SMS reach verified numbers only" if inside else "SMS reach every number")


def _sms(name: str) -> str:
    attributes: Mapping[str, str] = aws.client("sns").get_sms_attributes(attributes=[name])["attributes"]
    return attributes.get(name, "")


def _spend_limit(_: str) -> Verdict:
    limit = float(_sms("MonthlySpendLimit") or DEFAULT_SPEND_LIMIT)
    return judged(limit > DEFAULT_SPEND_LIMIT, f"{limit:.0f} USD a month")


def _sender(_: str) -> Verdict:
    sender = _programme().sms.sender_id
    return judged(sender, sender or "none: SMS come from a number that nobody knows")


def _max_price(_: str) -> Verdict:
    return judged(_programme().sms.max_price_usd, f"{_programme().sms.max_price_usd} USD, sent with each SMS")


def _programme() -> config.Programme:
    return config.programme(config.stage().programme)


def _x_secret(stage: str) -> Verdict:
    return _filled(stage, "x", X_SHAPES, of="X")


def _meta_secret(stage: str) -> Verdict:
    """Nothing is asked of a programme that is on none of Meta's networks."""
    networks = [name for name in _programme().bots if name != "twitter"]
    if not networks:
        return judged(condition=True, seen="the programme is not on Meta's networks")
    tokens = {f"{name}_access_token": PAGE_SHAPE for name in networks}
    return _filled(stage, "meta", META_SHAPES | tokens, of="Meta")


def _filled(stage: str, name: str, shapes: Mapping[str, str], *, of: str) -> Verdict:
    """Whether each field of a network's secret is there and has the shape that the network gives it."""
    secret = _secret(f"envoi-{stage}-{name}")
    empty = [name for name in shapes if not secret.get(name)]
    odd = [name for name, shape in shapes.items() if secret.get(name) and not re.fullmatch(shape, secret[name])]
    faults = [f"{name} is empty" for name in empty] + [f"{name} has not the shape of {of}'s" for name in odd]
    if faults and not empty and stage in EMULATED:  # made up, and good enough there
        return Verdict(answer="missing", seen="; ".join(faults), remedy=NOT_LOCALLY)
    return listed(faults, f"filled: {', '.join(sorted(name for name in secret if secret[name]))}")


def _link_secret(stage: str) -> Verdict:
    return _key(f"envoi-{stage}-link")


def _claim_secret(stage: str) -> Verdict:
    return _key(f"envoi-{stage}-claim")


def _key(secret: str) -> Verdict:
    key = _secret(secret).get("key", "")
    return judged(len(key) >= LINK_KEY_CHARACTERS, f"a key of {len(key)} characters")


def _page_url(stage: str) -> Verdict:
    url = _url(stage)
    parts = urlsplit(url)
    plain = parts.scheme == "https" and parts.path == "/p" and "execute-api" not in parts.netloc
    # A one-stack stage of the local AWS has its pages on this machine; `trial` may name any address.
    remedy = NOT_LOCALLY if is_local(stage) else ""
    return judged(plain, url or "ENVOI_PAGE_URL is not set", remedy=remedy)


def _domain(stage: str) -> Verdict:
    host = urlsplit(_url(stage)).hostname
    if not host:
        return unsure("the page has no address yet", remedy="Give the page its address first, then look again.")
    if is_local(stage):
        return judged(condition=False, seen="the pages are on this machine", remedy=NOT_LOCALLY)
    found = aws.client("apigateway").get_domain_name(domainName=host)
    status = found.get("domainNameStatus", "")
    return judged(status in ("", "AVAILABLE"), f"{host} {status}".rstrip())


def _url(stage: str) -> str:
    function = aws.client("lambda").get_function_configuration(FunctionName=f"envoi-{stage}-send_links")
    return str(function.get("Environment", {}).get("Variables", {}).get("ENVOI_PAGE_URL", ""))


def _secret(name: str) -> dict[str, str]:
    text = aws.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    values: dict[str, str] = json.loads(text)
    return values


CHECKS = (
    Check(
        name="credentials and Region",
        look=_identity,
        fix="Use a role for operators, not the account's root, and set AWS_REGION.",
        real_only=True,
    ),
    Check(
        name="SMS sandbox",
        look=_sandbox,
        fix="Ask AWS Support to move the account out of the SMS sandbox; it takes a day or two.",
        real_only=True,
    ),
    Check(
        name="SMS spend limit",
        look=_spend_limit,
        fix="Ask AWS Support to raise it, then `aws sns set-sms-attributes --attributes MonthlySpendLimit=…`.",
        real_only=True,
    ),
    Check(
        name="SMS sender",
        look=_sender,
        fix="Set `sms.sender_id` in the programme's file: the name that the bank has registered.",
    ),
    Check(
        name="SMS price limit",
        look=_max_price,
        fix="Set `sms.max_price_usd` in the programme's file.",
    ),
    Check(
        name="secret of X",
        look=_x_secret,
        fix="Write the app's keys into the secret envoi-<stage>-x: docs/deploying.md, "
        "“First deployment, then”, step 1.",
    ),
    Check(
        name="secret of Meta",
        look=_meta_secret,
        fix="Write the app's keys into the secret envoi-<stage>-meta: docs/deploying.md, “Messenger”.",
    ),
    Check(
        name="link key",
        look=_link_secret,
        fix="Deploy the stage's resources: CloudFormation generates the secret envoi-<stage>-link.",
    ),
    Check(
        name="key of links to held money",
        look=_claim_secret,
        fix="Deploy the stage's resources: CloudFormation generates the secret envoi-<stage>-claim.",
    ),
    Check(
        name="page address",
        look=_page_url,
        fix="Deploy again with `--page-url https://<domain>/p` (one stack: PageUrl=…), a short domain of the bank's.",
    ),
    Check(
        name="page domain",
        look=_domain,
        fix="Make the custom domain in API Gateway, map it to the stage `api`, and point its DNS name at it: "
        "docs/deploying.md, “First deployment, then”, step 2.",
    ),
)
