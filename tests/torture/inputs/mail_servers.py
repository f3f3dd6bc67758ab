"""Hostile mail servers: a mail is sent only if the server said so, and everything ends in time."""

import base64
import contextlib
import random
import socket
import threading
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import stamina

from primanota.adapters.mail import Server, compose, send, smtp, smtp_connection
from primanota.core import redaction
from primanota.core.errors import PrimanotaError
from primanota.core.secret import Secret
from tests.support.servers import mail_reports
from tests.torture.campaign import Campaign
from tests.torture.canary import CANARY, forms

_MAIL = compose(
    mail_reports.DONE, sender=mail_reports.SENDER, to=mail_reports.PEOPLE, message_id=mail_reports.ID
).as_bytes()
_STEPS = ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "final", "QUIT")
_GOOD = {
    "greeting": b"220 post\r\n",
    "EHLO": b"250-post\r\n250-SIZE 100000000\r\n250 AUTH PLAIN LOGIN\r\n",
    "AUTH": b"235 fine\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go\r\n",
    "final": b"250 queued\r\n",
    "QUIT": b"221 bye\r\n",
}
_SHOWN = base64.b64encode(f"\0office\0{CANARY}".encode())
_ODD = (
    *(
        b"",
        b"\r\n",
        b"\n",
        b"x\r\n",
        b"999 x\r\n",
        b"250\r\n",
        b"250-x\r\n",
        b"25",
        b"250 ",
        b"-250 x\r\n",
        b"250 \xff\xfe\r\n",
        b"000 x\r\n",
        b"\x00" * 99,
    ),
    *(
        b"421 go away\r\n",
        b"450 later\r\n",
        b"500 no\r\n",
        b"535 no \x1b[2J\r\n",
        b"550 " + CANARY.encode() + b"\r\n",
        b"535 " + _SHOWN + b"\r\n",
    ),
    *(
        b"554 a\r\n250 b\r\n",
        b"250 a\r\n250 b\r\n250 c\r\n",
        b"334 ####\r\n",
        b"334 " + b"A" * 9_000 + b"\r\n",
        b"334 \r\n",
        b"235 ok\r\n",
        b"354 ok\r\n",
    ),
    *(
        b"250-AUTH CRAM-MD5\r\n250 x\r\n",
        b"250 AUTH CRAM-MD5\r\n",
        b"250-SIZE 1\r\n250 x\r\n",
        b"250 SIZE \xb2\r\n",
        b"250-SIZE -1\r\n250 AUTH\r\n",
        b"250 STARTTLS\r\n",
    ),
    *(
        b"250-x\r\n" * 200 + b"250 AUTH PLAIN\r\n",
        b"550 " + b"x" * 8_180 + b"\r\n",
        b"550 " + b"x" * 70_000 + b"\r\n",
        b"550 \xe2\x80\xae\r\n",
        b"\x16\x03\x01\x02" * 9,
    ),
)
_ENDLESS = (b"250-x\r\n", b"x", b"250-" + b"x" * 4_000 + b"\r\n", b"\0", b"\r\n")


class _Script:
    """What a server does at each step: answers, closes, waits, goes on for ever, or answers byte by byte."""

    def __init__(self, chance: random.Random) -> None:
        self.answers = dict(_GOOD)
        self.closes, self.waits, self.endless, self.slow = "", "", "", ""
        self.accepted = 0
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            step = chance.choice(_STEPS)
            match chance.randrange(8):
                case 0:
                    self.closes = step
                case 1:
                    self.waits = step
                case 2:
                    self.endless = step
                case 3:
                    self.slow = step
                case _:
                    self.answers[step] = chance.choice(_ODD)
        self.piece = chance.choice(_ENDLESS)
        self.early = chance.random() < 0.1

    def serve(self, connection: socket.socket) -> None:
        """Speak with a client until it goes."""
        with connection, contextlib.suppress(OSError), connection.makefile("rb") as lines:
            connection.settimeout(3)
            if not self._answer(connection, "greeting"):
                return
            for line in lines:
                word = line[:4].upper().decode("latin-1").strip()
                step = {"HELO": "EHLO", "RSET": "MAIL", "STAR": "MAIL"}.get(word, word)
                if not self._answer(connection, step if step in _GOOD else "AUTH"):
                    return
                if step == "DATA" and self.answers["DATA"].startswith(b"354"):
                    for text in lines:
                        if text == b".\r\n":
                            break
                    self.accepted += self.answers["final"].startswith(b"2") and self.closes != "final"
                    if not self._answer(connection, "final"):
                        return
                if step == "QUIT":
                    return

    def _answer(self, connection: socket.socket, step: str) -> bool:
        if self.closes == step:
            return False
        if self.waits == step:
            time.sleep(0.7)
        if self.endless == step:
            for _ in range(200_000):
                connection.sendall(self.piece * 20)
        if self.slow == step:
            for byte in self.answers[step] * 40:
                connection.sendall(bytes((byte,)))
                time.sleep(0.05)
        connection.sendall(self.answers[step] * (2 if self.early else 1))
        return True


def _listen(listener: socket.socket, script: _Script) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            script.serve(connection)


def _run(folder: Path, number: int, chance: random.Random) -> list[str]:
    del folder, number
    script = _Script(chance)
    security: Any = chance.choice(("none", "none", "none", "starttls", "tls"))
    login = chance.random() < 0.6
    broken: list[str] = []
    redaction.begin()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(4)
        thread = threading.Thread(target=_listen, args=(listener, script), daemon=True)
        thread.start()
        secret = Secret(CANARY)
        words = ("office", secret) if login else ("", None)
        server = Server("127.0.0.1", listener.getsockname()[1], security, *words)
        began = time.monotonic()
        error: PrimanotaError | None = None
        with (
            patch.object(smtp_connection, "SECONDS", 0.3),
            patch.object(smtp, "_MOST_SECONDS", 1.0),
            stamina.set_testing(testing=True, attempts=3),
        ):
            try:
                send(_MAIL, mail_reports.SENDER, ["office@example.com", "zoe@example.com"], server)
            except PrimanotaError as caught:
                error = caught
        seconds = time.monotonic() - began
    told = f"{error}"
    if error is not None and error.exit_code not in {3, 8}:
        broken.append(f"exit {error.exit_code}: {told}")
    if any(form.decode() in told for form in (*forms(), _SHOWN)):
        broken.append(f"the password: {told}")
    if len(told) > 2_000 or (told and not told.isprintable()):
        broken.append(f"not one sentence: {told[:300]!r}")
    if error is None and not script.accepted:
        broken.append("counted as sent, and the server never said so")
    if seconds > 8:
        broken.append(f"{seconds:.1f} s")
    return [f"{one} {security} {vars(script)}" for one in broken]


CAMPAIGNS = (Campaign("inputs: mail servers", 1_000, _run),)
