"""The signature of webhooks, by the example of standardwebhooks.com."""

from __future__ import annotations

from core.notices.hook import signature


def test_a_body_is_signed_as_the_standard_shows_it() -> None:
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
