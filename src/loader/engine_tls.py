"""TLS with the certificates that Docker's documentation has one make.

From Python 3.13 on, urllib3 wants of every authority what RFC 5280 does, such as a key usage. Docker's own
command line does not, and those authorities have none.
"""

import ssl
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context


class TlsAdapter(HTTPAdapter):
    """To be mounted in a session: chains and names are checked if they are to be, and forms are not."""

    def __init__(self, *, verify: bool) -> None:
        self._verify = verify
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """As the base class says."""
        context = create_urllib3_context()
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.check_hostname = self._verify
        super().init_poolmanager(*arguments, ssl_context=context, **options)
