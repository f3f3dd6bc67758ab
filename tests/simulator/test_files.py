"""The files behind the links of attachments and statements: on a host of their own, without the API's key."""

import re
import struct
import zlib
from urllib.parse import unquote, urlsplit

import httpx2
import pytest

from tests.simulator.api_client import ApiClient, OpenClient, Params, Row
from tests.support.banks.simulator_server import served

WITH_ATTACHMENTS: Params = {"with_attachments": "true", "includes[]": "attachments"}


def attachments(client: ApiClient) -> list[Row]:
    """Return the attachments of a page, with their sealed copies."""
    listed = [one for row in client.rows(WITH_ATTACHMENTS) for one in row["attachments"]]
    return listed + [one["probative_attachment"] for one in listed if "url" in one["probative_attachment"]]


def download(client: ApiClient, url: str, **headers: str) -> httpx2.Response:
    """Return the response of a link, requested without the key."""
    with httpx2.Client(transport=client.simulator.transport()) as http:
        return http.get(url, headers=headers)


def check_document(content: bytes, content_type: str) -> None:
    """Assert that a document is a whole PDF, JPEG or PNG."""
    if content_type == "application/pdf":
        start = int(content.rpartition(b"startxref\n")[2].split()[0])
        assert content[start : start + 4] == b"xref"
        for number, offset in enumerate(re.findall(rb"(\d{10}) 00000 n", content[start:]), 1):
            assert content[int(offset) :].startswith(b"%d 0 obj" % number)
    elif content_type == "image/png":
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        place = 8
        while place < len(content):
            (length,) = struct.unpack_from(">I", content, place)
            chunk = content[place + 4 : place + 8 + length]
            assert struct.unpack_from(">I", content, place + 8 + length) == (zlib.crc32(chunk),)
            place += 12 + length
    else:
        assert content_type == "image/jpeg"
        assert (content[:2], content[-2:]) == (b"\xff\xd8", b"\xff\xd9")


def test_every_file_is_served(open_client: OpenClient) -> None:
    """Each link leads to a document of the described type and size, PDF, JPEG and PNG among them."""
    client = open_client()
    for _ in range(4):
        client.bank.attach(client.rows()[0]["id"])
    files = attachments(client)
    statement = client.get("/v2/statements").json()["statements"][0]["file"]
    files.append({**statement, "url": statement["file_url"]})
    for file in files:
        answer = download(client, file["url"])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, file["file_content_type"])
        assert len(answer.content) == int(file["file_size"])
        check_document(answer.content, file["file_content_type"])
    assert {file["file_content_type"] for file in files} == {"application/pdf", "image/jpeg", "image/png"}
    assert files[0]["url"] != files[1]["url"]


def test_links_name_another_host_of_this_machine(client: ApiClient) -> None:
    """The server's links name this machine by another name and port than the API, and are served there."""
    with served(client.simulator) as url, httpx2.Client() as http:
        api = urlsplit(url)
        for file in attachments(client)[:3]:
            link = urlsplit(file["url"])
            assert (link.scheme, link.hostname, api.hostname) == ("http", "localhost", "127.0.0.1")
            assert link.port not in {None, api.port}
            assert len(http.get(file["url"]).content) == int(file["file_size"])
            refused = http.get(file["url"], headers={"Authorization": client.key})
            assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/xml")
            at_the_api = http.get(f"{url}{link.path}?{link.query}", headers={"Authorization": client.key})
            assert at_the_api.status_code == 404
        elsewhere = http.get(f"http://localhost:{link.port}/v2/labels", headers={"Authorization": client.key})
        assert elsewhere.status_code == 400


@pytest.mark.parametrize("scheme", ["{key}", "Bearer x", "Basic eDp5", ""])
def test_an_authorization_header_is_refused(client: ApiClient, scheme: str) -> None:
    """The host of the files refuses any Authorization header: a link is signed already."""
    answer = download(client, attachments(client)[0]["url"], Authorization=scheme.format(key=client.key))
    assert answer.status_code == 400
    assert "<Code>InvalidArgument</Code>" in answer.text


def test_a_link_expires(client: ApiClient) -> None:
    """A link works for half an hour; then it is answered 403 with XML, and a new one works."""
    file = attachments(client)[0]
    client.clock.advance(minutes=29, seconds=59)
    assert download(client, file["url"]).status_code == 200
    client.clock.advance(seconds=1)
    expired = download(client, file["url"])
    assert (expired.status_code, expired.headers["Content-Type"]) == (403, "application/xml")
    assert "Request has expired" in expired.text
    fresh = client.get(f"/v2/attachments/{file['id']}").json()["attachment"]["url"]
    assert download(client, fresh).status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (r"X-Amz-Signature=\w{2}", "X-Amz-Signature=zz", "SignatureDoesNotMatch"),
        (r"X-Amz-Signature=\w{2}", "X-Amz-Signature=%C3%A9", "SignatureDoesNotMatch"),
        (r"&X-Amz-Signature=\w+", "", "AccessDenied"),
        (r"X-Amz-Date=\w{4}", "X-Amz-Date=2099", "SignatureDoesNotMatch"),
        (r"Rechnung\.pdf", "Rechnung2.pdf", "SignatureDoesNotMatch"),
        (r"/attachments/", "/statements/", "SignatureDoesNotMatch"),
    ],
)
def test_a_changed_link_is_refused(client: ApiClient, old: str, new: str, code: str) -> None:
    """A link without its signature, or with another date, name or kind, is answered 403."""
    url = attachments(client)[0]["url"]
    changed = re.sub(old, new, url)
    assert changed != url
    answer = download(client, changed)
    assert (answer.status_code, f"<Code>{code}</Code>" in answer.text) == (403, True)


def test_a_file_of_a_row_that_is_gone(client: ApiClient) -> None:
    """The file of a transaction that the bank removed is answered 404."""
    pending = client.rows({"status[]": "pending"})[0]["id"]
    attachment = client.bank.attach(pending)
    url = client.get(f"/v2/attachments/{attachment}").json()["attachment"]["url"]
    assert download(client, url).status_code == 200
    client.bank.disappear(pending)
    assert download(client, url).status_code == 404
    assert client.get(f"/v2/attachments/{attachment}").status_code == 404


def test_other_methods_and_requests(client: ApiClient) -> None:
    """Only GET and HEAD are served; the host records the paths that were requested."""
    url = attachments(client)[0]["url"]
    with httpx2.Client(transport=client.simulator.transport()) as http:
        assert http.post(url).status_code == 405
        assert http.head(url).status_code == 200
    assert list(client.simulator.storage.requests) == [(unquote(urlsplit(url).path), urlsplit(url).query)] * 2
