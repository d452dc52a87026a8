"""Superset for one user on this machine: metadata in SQLite, nothing loaded from or sent to other machines."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{os.environ['SUPERSET_HOME']}/superset.db"
# Superset refuses local files by default, and the marts are one.
PREVENT_UNSAFE_DB_CONNECTIONS = False
# Cached for one second only, so that numbers are those of the newest version. Every chart of a page is loaded, visible
# or not.
CACHE_CONFIG = DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG = EXPLORE_FORM_DATA_CACHE_CONFIG = {
    "CACHE_TYPE": "SimpleCache",
    "CACHE_DEFAULT_TIMEOUT": 1,
}
FEATURE_FLAGS = {"DASHBOARD_VIRTUALIZATION": False}
RATELIMIT_ENABLED = False
# Its pages would send statistics to another machine; the policy restricts the browser to this one.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
    },
    "force_https": False,
    "session_cookie_secure": False,
}
