"""The names of all faults. A fault in `TRANSIENT` does not recur when the request is sent again.

A fault that strikes a row or an account may be given another one: `balance-gap@first:savings`.
"""

FAULTS: dict[str, str] = {
    # failed requests: every fifth one; the next request succeeds again
    "429-retry-after": "Every fifth request is answered 429 with Retry-After: 1.",
    "429-bare": "Every fifth request is answered 429 without Retry-After and without a JSON body.",
    "500-json": "Every fifth request is answered 500 with a JSON error.",
    "500-empty": "Every fifth request is answered 500 with an empty body.",
    "503-html": "Every fifth request is answered 503 with an HTML page.",
    "reset": "Every fifth request has its connection reset.",
    "truncated": "Every fifth answer ends in the middle of its body.",
    "timeout": "Every fifth request is not answered in time.",
    "slow-start": "The very first request is answered 500.",
    # permanent refusals
    "gateway-403": "Every request is answered 403 by the gateway: `message` and `trace_id`.",
    "cloudflare-1010": "Requests with the User-Agent of Python's urllib are answered 403, HTML, error code 1010.",
    "html-200": "Every request is answered 200 with an HTML page.",
    "key-revoked": "After five requests (or `key_revoked_after`) the key is refused with 401.",
    "forbidden": "Memberships and labels are answered 403.",
    "down": "Every request is answered 503.",
    # OAuth
    "token-500-once": "The first request for tokens is answered 500.",
    "token-429-once": "The first request for tokens is answered 429 with Retry-After: 1.",
    "token-timeout-once": "The first request for tokens is not answered in time.",
    "token-truncated-once": "The first answer with tokens ends in the middle of its body.",
    "token-down": "Every request for tokens is answered 503.",
    "token-html": "Every request for tokens is answered 200 with an HTML page.",
    "access-revoked": "After five requests (or `key_revoked_after`) earlier access tokens are refused with 401.",
    "access-refused": "Every access token is refused with 401, also a new one.",
    "consent-withdrawn": "Every refresh token is refused.",
    # wrong transactions
    "wrong-page": "The first request for a page after the first gets page 1.",
    "wrong-page-always": "Every request for a page of transactions gets page 1.",
    "row-missing-once": "The first page with two rows or more omits one row; meta counts it.",
    "row-missing-always": "One settled row of the main account is missing on every page; meta counts it.",
    "row-twice-once": "The first page with two rows or more repeats a row in place of its last.",
    "row-twice-always": "Every page with two rows or more repeats a row in place of its last.",
    "total-count-wrong-once": "The first list of transactions counts one row too many in meta.",
    "total-count-wrong-always": "Every list of transactions counts seven rows too many in meta.",
    "rows-outside-filter": "Every page of transactions ends with a row of another account.",
    "rows-unordered-once": "The first page with two rows or more is in reverse order.",
    "balance-gap": "One settled row of the main account is never served or counted; the balances include it.",
    "balance-wrong": "The balance of the main account is one cent too high.",
    "broken-cents": "The amount of one row is one cent more than its amount_cents.",
    "row-without-id": "One row has no id.",
    "amount-missing": "One row has neither amount nor amount_cents.",
    "bad-date": "The settled_at of one row is not a valid date.",
    "null-transactions": "`transactions` is null.",
    "account-unlisted": "Accounts are in no list of accounts; their transactions are served.",
    "account-not-found": "Transactions of the accounts are answered 404, though the accounts are listed.",
    "account-forbidden": "Transactions of the accounts are answered 403, though the accounts are listed.",
    # receipts and statements, at the host of the files; a fault with `once` strikes the first download of each file
    "file-expired-once": "The first download of each file is answered 403, as if its link had expired.",
    "file-truncated-once": "The first download of each file ends in the middle of its body.",
    "file-too-long-once": "The first download of each file has one byte more than stated.",
    "file-wrong-type-once": "The first download of each file is a text, answered 200.",
    "file-stalls-once": "The first download of each file stops in the middle of its body.",
    "file-refused": "Every download of a file is answered 403.",
    "file-wrong-type": "Every download of a file is a text, answered 200.",
    "file-too-large": "Every download of a file has 17 million bytes.",
    "file-redirected": "Every download of a file is answered 302, to another host.",
    "file-host-down": "Every download of a file is answered 503.",
}

# Faults of one settled row of the bank, which stays the same row.
STORED_ROW_FAULTS = frozenset(
    {"row-missing-always", "balance-gap", "broken-cents", "row-without-id", "amount-missing", "bad-date"}
)
# Faults of a row of a page, and the row of the page that they strike.
PAGE_ROW_FAULTS = {
    "row-missing-once": "middle",
    "row-twice-once": "last",
    "row-twice-always": "last",
    "rows-outside-filter": "last",
}
# Faults of the lists and balances of an account.
ACCOUNT_FAULTS = frozenset(
    {
        "wrong-page",
        "wrong-page-always",
        "total-count-wrong-once",
        "total-count-wrong-always",
        "rows-unordered-once",
        "balance-wrong",
        "null-transactions",
        "account-unlisted",
        "account-not-found",
        "account-forbidden",
    }
)

# Faults of the host of the files: transactions are read as without them.
FILE_FAULTS = frozenset(name for name in FAULTS if name.startswith("file-"))
EVERY_FIFTH = ("429-retry-after", "429-bare", "500-json", "500-empty", "503-html", "reset", "truncated", "timeout")
# Faults of the OAuth server and its tokens; requests with an API key do not meet them.
TOKEN_FAULTS = frozenset(
    {
        "token-500-once",
        "token-429-once",
        "token-timeout-once",
        "token-truncated-once",
        "token-down",
        "token-html",
        "access-revoked",
        "access-refused",
        "consent-withdrawn",
    }
)
TRANSIENT = frozenset(
    {
        *EVERY_FIFTH,
        "slow-start",
        "wrong-page",
        "row-missing-once",
        "row-twice-once",
        "total-count-wrong-once",
        "rows-unordered-once",
        *(name for name in FILE_FAULTS if name.endswith("-once")),
    }
)
