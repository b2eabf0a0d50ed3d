"""T11, the header fields, their parameters, the signature's bytes and keys, time and digests."""

import base64
import dataclasses
import random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.operators.attacks import ATTACKS, attack, by_hand, params_of, token, valid
from tests.operators.signing import (
    INACTIVE,
    KEY,
    NOW,
    OTHER,
    OTHER_PRIVATE,
    RECOVERY,
    REVOKED,
    REVOKED_PRIVATE,
    WAITING,
    with_fields,
)
from veta.operators.domain.base import SignedMessage
from veta.operators.domain.fields import digest_field

__all__ = ["ATTACKS"]
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
L = 2**252 + 27742317777372353535851937790883648493


# The fields themselves.

for field in ("signature", "signature-input", "content-digest", "content-type"):
    attack(f"{field} absent")(lambda r, name=field: with_fields(valid(r), **{name: None}))
    attack(f"{field} empty")(lambda r, name=field: with_fields(valid(r), **{name: r.choice(["", " "])}))
    attack(f"{field} sent twice")(
        lambda r, name=field: (
            q := valid(r),
            with_fields(q, **{name: f"{q.fields[name]}{r.choice([', ', ','])}{q.fields[name]}"}),
        )[1]
    )
    attack(f"{field} folded")(
        lambda r, name=field: (
            q := valid(r),
            with_fields(q, **{name: q.fields[name][:9] + r.choice(["\r\n ", "\n ", "\n\t"]) + q.fields[name][9:]}),
        )[1]
    )
    attack(f"{field} with a space or sign too many")(
        lambda r, name=field: (
            q := valid(r),
            with_fields(q, **{name: r.choice([" {}", "{} ", "{};x", "{},", "{}\n"]).format(q.fields[name])}),
        )[1]
    )


def _two(r: random.Random, *, first_bad: bool) -> SignedMessage:
    request, other = valid(r), valid(r, key=OTHER_PRIVATE, key_id=OTHER.id)
    label = token(r, size=5).lower().strip("-_") or "x"
    inputs = [request.fields["signature-input"], other.fields["signature-input"].replace("veta=", f"{label}=")]
    signatures = [request.fields["signature"], f"{label}=:{base64.b64encode(r.randbytes(64)).decode()}:"]
    if first_bad:
        inputs.reverse()
        signatures.reverse()
    return with_fields(request, signature_input=", ".join(inputs), signature=", ".join(signatures))


attack("two signatures, the second bad")(lambda r: _two(r, first_bad=False))
attack("two signatures, the first bad")(lambda r: _two(r, first_bad=True))


@attack("another label")
def _(r: random.Random) -> SignedMessage:
    request, label = valid(r), r.choice(["sig1", "VETA", "Veta", "veta2", "pyhms", "*veta"])
    renamed = {name: request.fields[name].replace("veta=", f"{label}=", 1) for name in ("signature", "signature-input")}
    return dataclasses.replace(request, fields=dict(request.fields) | renamed)


@attack("labels differ")
def _(r: random.Random) -> SignedMessage:
    request, name = valid(r), r.choice(["signature", "signature-input"])
    return with_fields(request, **{name: request.fields[name].replace("veta=", "sig=", 1)})


for name in ("created", "expires", "nonce", "keyid", "alg", "tag"):
    attack(f"{name} absent")(lambda r, name=name: by_hand(r, params_of(r, drop=name)))
    attack(f"{name} twice")(
        lambda r, name=name: by_hand(
            r,
            params_of(
                r, extra=f";{name}={NOW + 1 if name in ('created', 'expires') else chr(34) + token(r) + chr(34)}"
            ),
        )
    )
attack("unknown parameter")(
    lambda r: by_hand(r, params_of(r, extra=f';{r.choice(["crit", "jwk", "typ", "xkeyid"])}="x"'))
)
attack("parameter without value")(lambda r: by_hand(r, params_of(r, extra=f";{r.choice(['nonce', 'created', 'tag'])}")))
attack("tag of another use")(
    lambda r: by_hand(r, params_of(r, tag=f'"{r.choice(["veta-v2", "veta", "VETA-V1", "web-bot-auth", "fapi"])}"'))
)
attack("another algorithm")(
    lambda r: by_hand(
        r,
        params_of(
            r, alg=f'"{r.choice(["hmac-sha256", "none", "ED25519", "Ed25519", "rsa-pss-sha512", "ecdsa-p256-sha256"])}"'
        ),
    )
)
attack("created is no integer")(
    lambda r: by_hand(
        r, params_of(r, created=r.choice([f"{NOW}.0", f'"{NOW}"', f"0{NOW}", f"+{NOW}", "-1", "?1", f":{NOW}:", "1e9"]))
    )
)
attack("expires is no integer")(
    lambda r: by_hand(
        r, params_of(r, expires=r.choice([f"{NOW + 9}.5", f'"{NOW + 9}"', f"0{NOW + 9}", "9" * 16, "-5", "x"]))
    )
)
attack("nonce too short or long")(
    lambda r: by_hand(r, params_of(r, nonce=f'"{token(r, size=r.choice([1, 8, 15, 65, 200]))}"'))
)
attack("nonce with other characters")(
    lambda r: by_hand(r, params_of(r, nonce=f'"{token(r, size=20)}{r.choice(" +/=.:*|")}"'))
)
attack("nonce is no string")(
    lambda r: by_hand(r, params_of(r, nonce=r.choice(["12345678901234567", "token", ":YWJjZGVmZ2hpamtsbW5vcA==:"])))
)
ODD_IDS = ["../" + KEY.id, KEY.id + "' OR 1=1--", "/etc/passwd", KEY.id + "%00", KEY.id + " "]
attack("keyid with a path or SQL")(lambda r: by_hand(r, params_of(r, keyid=f'"{r.choice(ODD_IDS)}"')))
attack("escapes in a string")(lambda r: by_hand(r, params_of(r, keyid=f'"{KEY.id[:-1]}\\{KEY.id[-1]}"')))
attack("spaces in the list")(lambda r: by_hand(r, params_of(r).replace('" "', '"  "')))
attack("spaces before parameters")(lambda r: by_hand(r, params_of(r).replace(";", "; ")))


# The signature's bytes and keys.


@attack("random signature")
def _(r: random.Random) -> SignedMessage:
    return with_fields(valid(r), signature=f"veta=:{base64.b64encode(r.randbytes(64)).decode()}:")


@attack("one bit of the signature changed")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    octets = bytearray(base64.b64decode(request.fields["signature"][6:-1]))
    octets[r.randrange(64)] ^= 1 << r.randrange(8)
    return with_fields(request, signature=f"veta=:{base64.b64encode(octets).decode()}:")


@attack("signature of another length")
def _(r: random.Random) -> SignedMessage:
    size = r.choice([0, 1, 32, 63, 65, 128, 4096])
    return with_fields(valid(r), signature=f"veta=:{base64.b64encode(r.randbytes(size)).decode()}:")


@attack("same signature, other base64")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    text = request.fields["signature"]
    last = BASE64.index(text[-4]) if text[-4] in BASE64 else 0
    alternatives = [
        text[:-4] + BASE64[last | r.randint(1, 15)] + text[-3:],
        text.replace("==", ""),
        text.replace("==", "=="[::-1] + "="),
    ]
    return with_fields(request, signature=r.choice([other for other in alternatives if other != text]))


@attack("malleable signature: S + L")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    octets = base64.b64decode(request.fields["signature"][6:-1])
    s = int.from_bytes(octets[32:], "little") + L
    return with_fields(request, signature=f"veta=:{base64.b64encode(octets[:32] + s.to_bytes(32, 'little')).decode()}:")


@attack("signature of zeros")
def _(r: random.Random) -> SignedMessage:
    octets = bytes([r.randint(0, 1)]) + bytes(63)
    return with_fields(valid(r), signature=f"veta=:{base64.b64encode(octets).decode()}:")


@attack("signature of another request")
def _(r: random.Random) -> SignedMessage:
    return with_fields(valid(r), signature=valid(r).fields["signature"])


@attack("signature input of another request")
def _(r: random.Random) -> SignedMessage:
    return with_fields(valid(r), signature_input=valid(r).fields["signature-input"])


@attack("signed by another operator's key under this key's id")
def _(r: random.Random) -> SignedMessage:
    return valid(r, key=OTHER_PRIVATE)


@attack("signed by this key under another operator's key id")
def _(r: random.Random) -> SignedMessage:
    return valid(r, key_id=OTHER.id)


@attack("signed by a key nobody registered, unknown id", "SIG-002")
def _(r: random.Random) -> SignedMessage:
    key = Ed25519PrivateKey.from_private_bytes(r.randbytes(32))
    return valid(r, key=key, key_id=token(r, size=r.randint(1, 64)).replace("_", "-"))


attack("registered key under an unknown id", "SIG-002")(
    lambda r: valid(r, key_id=KEY.id + r.choice(["x", ".", "-1", "0"]))
)
attack("key id in another case", "SIG-002")(lambda r: valid(r, key_id=r.choice([KEY.id.upper(), KEY.id.title()])))
for unfit in (REVOKED, WAITING, INACTIVE, RECOVERY):
    attack(f"{unfit.purpose} key, {unfit.state}", "SIG-002")(
        lambda r, key_id=unfit.id: valid(r, key=REVOKED_PRIVATE, key_id=key_id)
    )


# Time.

attack("expired", "SIG-003")(lambda r: valid(r, created=NOW - r.randint(302, 10**8)))
attack("created ahead", "SIG-003")(lambda r: valid(r, created=NOW + r.randint(61, 10**8)))
attack("lives too long", "SIG-003")(lambda r: valid(r, lifetime=r.randint(301, 10**9)))
attack("expires before it was created", "SIG-003")(lambda r: valid(r, lifetime=-r.randint(0, 1000)))
attack("created in the year 0", "SIG-003")(lambda r: valid(r, created=r.randint(0, 1000), lifetime=r.randint(1, 300)))


# Digest.


@attack("digest of another algorithm")
def _(r: random.Random) -> SignedMessage:
    name, size = r.choice(
        [("sha-512", 64), ("md5", 16), ("sha", 20), ("SHA-256", 32), ("unixsum", 2), ("id-sha-256", 32)]
    )
    return with_fields(valid(r), content_digest=f"{name}=:{base64.b64encode(r.randbytes(size)).decode()}:")


@attack("two digests, one right")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    other = f"sha-512=:{base64.b64encode(r.randbytes(64)).decode()}:"
    pair = [request.fields["content-digest"], other]
    r.shuffle(pair)
    return with_fields(request, content_digest=", ".join(pair))


@attack("digest in hexadecimal")
def _(r: random.Random) -> SignedMessage:
    return with_fields(valid(r), content_digest=f"sha-256={r.randbytes(32).hex()}")


@attack("digest with a parameter")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    return with_fields(request, content_digest=request.fields["content-digest"] + f";x={r.randint(0, 9)}")


@attack("digest of a request without body")
def _(r: random.Random) -> SignedMessage:
    return with_fields(valid(r, body=b""), content_digest=digest_field(r.randbytes(32)))
