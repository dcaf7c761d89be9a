"""Decides which certificates of the API are trusted, and says why one is not."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from ssl import SSLCertVerificationError, SSLContext

import httpx

_OF_OPENSSL = (("SSL_CERT_FILE", "cafile"), ("SSL_CERT_DIR", "capath"))
_log = logging.getLogger(__name__)


def ssl_context(ca_file: Path | None, environment: Mapping[str, str] = os.environ) -> SSLContext:
    """Trusts the usual authorities, those in `ca_file` and those of OpenSSL's variables in `environment`."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    for name, kind in _OF_OPENSSL:
        if place := environment.get(name):
            try:
                context.load_verify_locations(**{kind: place})
            except OSError:
                _log.warning("%s names nothing that certificates can be read from, and is ignored", name)
    return context


def certificate_fault(error: BaseException) -> str | None:
    """What was wrong with the certificate, if that caused `error`; otherwise None."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, SSLCertVerificationError):
            return seen.verify_message
        seen = seen.__cause__ or seen.__context__
    return None
