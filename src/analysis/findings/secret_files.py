"""Files that may hold secrets, by their names and folders: the only ones that are read."""

from typing import NamedTuple

from . import secret_contents as contents
from .secret_patterns import find_in_text


class SecretFile(NamedTuple):
    """Files of one sort."""

    id: str
    """Of the finding."""
    what: str
    """What such a file is, in a few words."""
    look: contents.Look
    """Finds what is in it beside private keys and tokens of well-known formats."""
    names: tuple[str, ...]
    """`x`: that name anywhere; `a/x`: in a folder a; `a/*`: every file right in a folder of this path;
    `*.xyz`: the ending of a name; `abcd*`: its beginning; both of four characters at least."""
    tells: bool = False
    """Whether the name alone says that there is a secret in it."""
    is_common: bool = False
    """Whether every distribution has it, mostly without a secret."""


SECRET_FILES = (
    SecretFile("secret-private-key", "SSH host key", contents.nothing, ("ssh_host_*",), tells=True),
    SecretFile(
        "secret-private-key",
        "private key",
        contents.keys,
        ("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "private-keys-v1.d/*", "AuthKey_*", "*.ppk"),
        tells=True,
    ),
    SecretFile(
        "secret-private-key",
        "key store",
        contents.keys,
        ("*.p12", "*.pfx", "*.jks", "*.keystore"),
        tells=True,
    ),
    SecretFile(
        "secret-private-key",
        "private key",
        contents.keys,
        ("*.pem", "*.key", ".ssh/*", "ssl/private/*", "tls/private/*"),
    ),
    SecretFile(
        "secret-cloud",
        "credentials of AWS",
        contents.assigned,
        (".aws/credentials", ".passwd-s3fs", ".s3cfg", ".boto"),
        tells=True,
    ),
    SecretFile("secret-cloud", "settings of AWS", contents.assigned, (".aws/config",)),
    SecretFile(
        "secret-cloud",
        "credentials of Google Cloud",
        contents.written,
        ("application_default_credentials.json", "gcloud/credentials.db", "gcloud/access_tokens.db"),
        tells=True,
    ),
    SecretFile(
        "secret-cloud",
        "service account",
        contents.granted,
        (
            *("service-account.json", "service_account.json", "serviceaccount.json", "credentials.json"),
            *("client_secret.json", "serviceAccountKey.json", "key.json", "keyfile.json", "gcp-key.json"),
            *("sa.json", "sa-key.json", "gcp.json", "gcloud.json", "firebase.json"),
        ),
    ),
    SecretFile("secret-cloud", "credentials of Azure", contents.written, (".azure/*",)),
    SecretFile(
        "secret-cloud",
        "access to a cluster",
        contents.matching(
            "access to a cluster",
            r"\b(?:client-key-data|token|password|id-token|refresh-token)\"?\s{0,9}:\s{0,9}\"?([^\s\"]{8,20000})",
        ),
        (".kube/config", "*.kubeconfig", "kubeconfig", "kubeconfig.yaml", "kubernetes/admin.conf"),
        tells=True,
    ),
    SecretFile(
        "secret-cloud",
        "Terraform's state",
        contents.assigned,
        ("*.tfstate", "terraform.tfstate.backup", "*.tfvars", ".terraformrc", "credentials.tfrc.json"),
    ),
    SecretFile(
        "secret-login",
        "settings of npm",
        contents.matching(
            "token of npm",
            r"(?:^|:)[ \t]{0,9}(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)[\"']?[ \t]{0,9}"
            r"[=: ][ \t]{0,9}[\"']?([^\s\"']{1,4000})",
        ),
        (".npmrc", ".yarnrc", ".yarnrc.yml", "etc/npmrc"),
    ),
    SecretFile("secret-login", "settings of PyPI", contents.assigned, (".pypirc",), tells=True),
    SecretFile(
        "secret-login", "settings of pip", find_in_text, ("pip.conf", "pip.ini", "auth.toml", "uv.toml")
    ),
    SecretFile(
        "secret-login",
        "logins",
        contents.matching("password of a server", r"\bpassword\s{1,9}(\S{1,4000})"),
        (".netrc", "_netrc"),
        tells=True,
    ),
    SecretFile(
        "secret-login", "logins of Git", find_in_text, (".git-credentials", "git/credentials"), tells=True
    ),
    SecretFile("secret-login", "settings of Git", find_in_text, (".git/config", ".gitconfig")),
    SecretFile(
        "secret-login",
        "logins of Docker",
        contents.matching(
            "login of a registry",
            r"\"(?:auth|identitytoken|registrytoken|password)\"\s{0,20}:\s{0,20}\"([^\"\s]{1,20000})\"",
        ),
        (".docker/config.json", ".dockercfg", ".dockerconfigjson", "containers/auth.json"),
    ),
    SecretFile(
        "secret-login",
        "logins of package managers and tools",
        contents.assigned,
        (
            *(".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials", ".composer/auth.json"),
            *("composer/auth.json", "gh/hosts.yml", "glab-cli/config.yml", "rclone.conf", ".my.cnf"),
        ),
    ),
    SecretFile(
        "secret-login",
        "logins of package managers and tools",
        contents.matching(
            "password of a server",
            r"(?:<(?:password|passphrase|privateKeyPassphrase)>\s{0,9}"
            r"|\"(?:ClearText)?Password\"\s{1,9}value=\")([^<\"\s]{1,4000})",
        ),
        (".m2/settings.xml", "maven/settings.xml", "NuGet.Config", "nuget.config"),
    ),
    SecretFile(
        "secret-login",
        "logins of PostgreSQL",
        contents.matching(
            "password of a database", r"^(?:[^:\n#]{0,256}:)(?:[^:\n]{0,256}:){3}([^\n]{1,1000})$"
        ),
        (".pgpass",),
        tells=True,
    ),
    SecretFile(
        "secret-settings-file",
        "secret",
        contents.whole,
        ("run/secrets/*", ".vault-token", ".vault_pass", "master.key"),
        tells=True,
    ),
    SecretFile(
        "secret-settings-file", "variables", contents.assigned, (".env*", "*.env", ".flaskenv"), tells=True
    ),
    SecretFile(
        "secret-settings-file",
        "settings",
        contents.assigned,
        (
            *(
                "secrets.yml",
                "secrets.yaml",
                "secrets.json",
                "secrets.toml",
                "database.yml",
                "parameters.yml",
            ),
            *("application.properties", "application.yml", "appsettings.json", "gradle.properties"),
            *("appsettings.Production.json", "local.properties"),
        ),
    ),
    SecretFile(
        "secret-settings-file",
        "settings",
        contents.written,
        ("wp-config.php", "LocalSettings.php", "settings.local.php", "settings.py", "local_settings.py"),
    ),
    SecretFile(
        "secret-settings-file",
        "history of a shell",
        find_in_text,
        (".bash_history", ".zsh_history", ".ash_history", ".sh_history", ".psql_history", ".mysql_history"),
    ),
    SecretFile(
        "secret-password-hash",
        "hashes of passwords",
        contents.hashes(":"),
        ("etc/shadow", "etc/shadow-", "etc/gshadow", "etc/gshadow-"),
        is_common=True,
    ),
    SecretFile(
        "secret-password-hash",
        "hashes of passwords",
        contents.hashes(r"\s{0,2}$"),
        (".htpasswd", "htpasswd", "*.htpasswd"),
    ),
)
"""A file goes to the first that its name fits; whole names come before beginnings, endings and folders."""
