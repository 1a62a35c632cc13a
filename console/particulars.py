"""A customer's particulars, checked by the programme's rules before anything is stored."""

import argparse

import phonenumbers

from chalicelib.config import Programme
from chalicelib.identity import iban as ibans
from local.stages import is_local

# Numbers that nobody has, by how they begin: how many digits they have. 06 39 98 is the range that France keeps for
# films (ARCEP); no Japanese mobile number has a 0 behind its 090 (MIC, numbering plan).
FICTION = {"+3363998": 11, "+81900": 12}


def checked(arguments: argparse.Namespace, programme: Programme) -> tuple[str, str, str]:
    """The mobile number in E.164 form, the IBAN, and a sentence that says what is wrong, empty if nothing is.

    A person needs a mobile number of the programme's country: links and receipts go there. Charities and merchants may
    have none. An IBAN, if one is given, must be genuine and of a country that the programme accepts.
    """
    phone = mobile(arguments.phone, programme.country, fiction=is_local(arguments.stage))
    if arguments.phone and phone is None:
        return (
            "",
            "",
            f"{arguments.phone} is no mobile number of {programme.country}, such as 06 12 34 56 78 in France.",
        )
    if arguments.kind == "person" and not phone:
        return "", "", "a person needs --phone, the number that links and receipts go to."
    iban = ibans.checked(arguments.iban) if arguments.iban else ""
    if iban is None:
        return "", "", "the IBAN's country, length or check digits are wrong; copy it again."
    if iban and iban[:2] not in programme.people.iban_countries:
        accepted = ", ".join(programme.people.iban_countries) or "no country"
        return "", "", f"bank accounts are accepted from {accepted}."
    return phone or "", iban, ""


def mobile(text: str, country: str, *, fiction: bool = False) -> str | None:
    """A mobile number of a country in E.164 form, however it is spaced; None for any other.

    With `fiction` those of FICTION pass.
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.number_type(number)
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if fiction and any(plain.startswith(start) and len(plain) == digits + 1 for start, digits in FICTION.items()):
        return plain
    of_country = phonenumbers.is_valid_number_for_region(number, country)
    if not of_country or kind != phonenumbers.PhoneNumberType.MOBILE:
        return None
    return plain
