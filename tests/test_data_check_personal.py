"""The data check on personal data: what is found, what is not, and that nothing is shown in full."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core.data.check.personal import personal_data
from core.data.mending import MASKING
from core.data.mending.columns import mended, to_mend
from tests.check_making import found, proves, texts_config, values


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        ("email", "Write to jane.doe+x@mail.site.co.uk, now.", "Write to [email], now."),
        ("phone", "call +49 30 901820 2 times", "call [phone] times"),
        ("phone", "(212) 736-5000 or 212-736-5001", "[phone] or [phone]"),
        ("phone", "Tel.: 030 / 901820-12", "Tel.: [phone]"),
        ("phone", "0044 20 7946 0958", "[phone]"),
        ("card", "4111 1111 1111 1111, 378282246310005", "[card], [card]"),
        ("iban", "DE89 3704 0044 0532 0130 00 AND MORE", "[iban] AND MORE"),
        ("iban", "to GB82WEST12345698765432.", "to [iban]."),
    ],
)
def test_personal_data_is_masked(what: str, before: str, after: str) -> None:
    column = pa.chunked_array([pa.array([before])])
    assert to_mend(column, MASKING[what]).all()
    masked = mended(column, MASKING[what])
    assert masked.to_pylist() == [after]
    assert mended(masked, MASKING[what]) is masked


@pytest.mark.parametrize(
    "text",
    [
        "@bob said a@b, 5 @ 3",
        "on 2002-08-21 12:30, 21.08.2002, 08/21/2002",
        "order 114-3941689-8772232, id 2127365000, part 1234567890123456",
        "version 10.0.19041.1, host 192.168.100.245",
        "phone 2002-11-22",
        "1,000,000 to 2,500,000 in 1999-2001",
        "4111-1111-1111-1112",
        "AB12 XXXX YYYY ZZZZ",
    ],
)
def test_other_numbers_are_no_personal_data(text: str) -> None:
    column = pa.chunked_array([pa.array([text])])
    assert not any(to_mend(column, mend).any() for mend in MASKING.values())


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("email", "jane.doe@site.org"),
        ("phone", "+49 30 901820"),
        ("card", "4111 1111 1111 1111"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
    ],
)
def test_findings_count_and_never_tell(tmp_path: Path, kind: str, secret: str) -> None:
    config = texts_config(tmp_path, ["nothing here", f"it is {secret} as you know", f"{secret}, {secret}"])
    finding = found(config, personal_data)[f"personal-{kind}"]
    assert (finding.severity, finding.count, finding.rows) == ("info", 2, (2, 3))
    assert secret not in finding.title + finding.meaning + finding.fix
    assert "before something is published" in finding.meaning
    after = proves(config, personal_data, f"personal-{kind}")
    assert not any(secret in text for text in values(after))
