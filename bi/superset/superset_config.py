"""Superset for one person on this machine: metadata in SQLite, nothing loaded from elsewhere, nothing sent anywhere."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{os.environ['SUPERSET_HOME']}/superset.db"
# The marts are a file of this machine, which Superset would refuse.
PREVENT_UNSAFE_DB_CONNECTIONS = False
# Numbers are the newest night's; every chart of a page is asked for, seen or not.
CACHE_CONFIG = DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG = EXPLORE_FORM_DATA_CACHE_CONFIG = {
    "CACHE_TYPE": "SimpleCache",
    "CACHE_DEFAULT_TIMEOUT": 1,
}
FEATURE_FLAGS = {"DASHBOARD_VIRTUALIZATION": False}
RATELIMIT_ENABLED = False
# Its pages would count their visits elsewhere; the browser is told to ask this machine alone.
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
