"""How prose is put into pages."""

import pytest

from chalicelib.web.html import _environment


@pytest.mark.parametrize(
    ("prose", "shown"),
    [
        ("Votre compte S-Money.", 'Votre compte <span class="whole">S-Money</span>.'),
        ("、S-Moneyの口座", '、<span class="whole">S-Money</span>の口座'),
        ("口座 0036-251 ••••567", '口座 <span class="whole">0036-251</span> ••••567'),
        ("例：090-1234-5678", '例：<span class="whole">090-1234-5678</span>'),
        ("rendez-vous-y, a-b-c-d", "rendez-vous-y, a-b-c-d"),
        ("<b-i> & S-M'", '&lt;<span class="whole">b-i</span>&gt; &amp; <span class="whole">S-M</span>&#39;'),
        ("", ""),
    ],
)
def test_short_words_with_a_hyphen_stay_whole(prose: str, shown: str) -> None:
    """Brands and numbers do not end a line at their hyphen; all else is escaped as ever, and long words may break."""
    assert _environment().from_string("{{ prose|whole }}").render(prose=prose) == shown
