"""Try whether files can be put into a bucket, without putting one."""

from contextlib import suppress
from http import HTTPStatus
from typing import Any

from primanota.adapters import aws
from primanota.adapters.storage import s3
from primanota.core.errors import ConfigurationError, DeliveryFailed, ServiceUnavailable

_NAME = ".primanota-trial"
# Of other bytes than those that are sent: the host refuses the put, but only after it checked the rights.
_WRONG_MD5 = "AAAAAAAAAAAAAAAAAAAAAA=="
_WRONG_SHA256 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def require_writable(store: s3.Store, folder: s3.Location) -> None:
    """Refuse a bucket into which no file can be put, before a file is decided on.

    The trial is a put with wrong checksums, which needs ``s3:PutObject`` alone and stores nothing. A host that cannot
    be reached, or fails, is not refused: it may answer when the file is put.

    Raises:
        DeliveryFailed: there is no such bucket, or these credentials may not put into it.
        ConfigurationError: boto3 or the credentials are missing, or not usable.
    """
    with (
        suppress(ServiceUnavailable),
        aws.translated_errors(folder, DeliveryFailed, credentials=ConfigurationError, unavailable=ServiceUnavailable),
    ):
        from botocore.exceptions import ClientError

        client = s3.client(store)
        _require_bucket(client, folder)
        try:
            client.put_object(
                **(folder / _NAME).arguments,
                **store.encryption_arguments(),
                Body=b"",
                ContentMD5=_WRONG_MD5,
                ChecksumSHA256=_WRONG_SHA256,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if aws.status_of(error) in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or _is_about_the_bucket(error):
                raise


def _require_bucket(client: Any, folder: s3.Location) -> None:  # noqa: ANN401 - boto3 has no types
    from botocore.exceptions import ClientError

    try:
        client.head_bucket(Bucket=folder.bucket)
    except ClientError as error:  # without the right to list, the answer says nothing
        if aws.status_of(error) == HTTPStatus.NOT_FOUND:
            message = f"{folder}: there is no such bucket."
            raise DeliveryFailed(message, "Create it, or correct its name.") from None


def _is_about_the_bucket(error: Exception) -> bool:
    answer = getattr(error, "response", {}).get("Error", {})
    return answer.get("Code") in {"NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed"}
