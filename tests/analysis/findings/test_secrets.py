"""Secrets are found by name and content, near misses are not, and no value leaves."""

import hashlib
import io
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.analysis.findings.secret_search import MOST_OF_A_FILE
from layerscope.analysis.findings.secrets import find_secrets
from layerscope.analysis.findings.unpacking import FREE
from layerscope.errors import SourceError
from layerscope.loader import open_image
from layerscope.report import json_report
from layerscope.report.formats import BY_NAME, Format
from layerscope.report.saved import report as saved_report
from layerscope.report.subject import Run, Subject

from tests.images import Image, docker_archive, file, layer, oci_archive, whiteout

from .held import Files, held, measured

# Put together here, so that nothing that looks for secrets finds one in this file.
RANDOM = "Qx7" + "pL2vT9sK4mZ8" + "wB6nR3cY5hJ1"
BEGIN, END = "-----BEGIN " + "{}PRIVATE KEY-----", "-----END " + "{}PRIVATE KEY-----"
BODY = "MIIEvQ" + RANDOM * 6
GITHUB = "gh" + "p_" + "Ab3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
AWS = "AK" + "IA" + "Q3EXW7LMN2PORSTU"


def pem(kind: str = "", body: str = BODY) -> str:
    return f"{BEGIN.format(kind)}\n{body}\n{END.format(kind)}\n"


def found(files: Files, **more: object) -> list[Finding]:
    return list(find_secrets(measured(held(files), **more)))  # type: ignore[arg-type]


FILES = {
    # path: (content, value, id, what is told)
    "root/.ssh/id_rsa": (pem("RSA "), BODY, "secret-private-key", "private key (fingerprint {})"),
    "root/.ssh/deploy": (pem("OPENSSH "), BODY, "secret-private-key", "private key (fingerprint {})"),
    "srv/tls.key": (pem(), BODY, "secret-private-key", "private key (fingerprint {})"),
    "srv/tls.pem": (pem("EC "), BODY, "secret-private-key", "private key (fingerprint {})"),
    "root/.aws/credentials": (
        f"[default]\naws_access_key_id = {AWS}\n",
        AWS,
        "secret-cloud",
        "AWS access key (fingerprint {})",
    ),
    "home/me/.aws/credentials": (
        f"[a]\naws_secret_access_key={RANDOM}\n",
        RANDOM,
        "secret-cloud",
        "value of aws_secret_access_key",
    ),
    "app/service-account.json": (
        '{"private_key": "' + pem().replace("\n", "\\n") + '"}',
        BODY,
        "secret-cloud",
        "private key (fingerprint {})",
    ),
    "root/.config/gcloud/application_default_credentials.json": (
        f'{{"client_secret": "{RANDOM}"}}',
        RANDOM,
        "secret-cloud",
        "value of client_secret",
    ),
    "root/.azure/accessTokens.json": (
        f'[{{"accessToken": "{RANDOM}"}}]',
        RANDOM,
        "secret-cloud",
        "value of accessToken",
    ),
    "root/.kube/config": (
        f"users:\n- user:\n    token: {RANDOM}\n",
        RANDOM,
        "secret-cloud",
        "access to a cluster",
    ),
    "infra/terraform.tfstate": (
        f'{{"attributes": {{"master_password": "{RANDOM}"}}}}',
        RANDOM,
        "secret-cloud",
        "value of master_password",
    ),
    "root/.npmrc": (f"//registry.example/:_authToken={RANDOM}\n", RANDOM, "secret-login", "token of npm"),
    "app/.npmrc": (f'_auth = "{RANDOM}"\n', RANDOM, "secret-login", "token of npm"),
    "root/.pypirc": (
        f"[pypi]\nusername = u\npassword = {RANDOM}\n",
        RANDOM,
        "secret-login",
        "value of password",
    ),
    "etc/pip.conf": (
        f"[global]\nindex-url = https://me:{RANDOM}@pypi.corp/simple\n",
        RANDOM,
        "secret-login",
        "password in a URL",
    ),
    "root/.netrc": (
        f"machine git.corp login me password {RANDOM}\n",
        RANDOM,
        "secret-login",
        "password of a server",
    ),
    "root/.git-credentials": (f"https://me:{RANDOM}@git.corp\n", RANDOM, "secret-login", "password in a URL"),
    "src/.git/config": (
        f"[http]\n\textraheader = AUTHORIZATION: basic {RANDOM}\n",
        RANDOM,
        "secret-login",
        "authorization header",
    ),
    "root/.docker/config.json": (
        f'{{"auths": {{"hub": {{"auth": "{RANDOM}"}}}}}}',
        RANDOM,
        "secret-login",
        "login of a registry",
    ),
    "root/.m2/settings.xml": (
        f"<server><password>{RANDOM}</password></server>",
        RANDOM,
        "secret-login",
        "password of a server",
    ),
    "root/.cargo/credentials.toml": (
        f'[registry]\ntoken = "{RANDOM}"\n',
        RANDOM,
        "secret-login",
        "value of token",
    ),
    "root/.pgpass": (f"db:5432:*:me:{RANDOM}\n", RANDOM, "secret-login", "password of a database"),
    "app/.env": (f"A=1\nAPI_TOKEN={RANDOM}\n", RANDOM, "secret-settings-file", "value of API_TOKEN"),
    "app/prod.env": (
        f"export DB_PASSWORD='{RANDOM}'\n",
        RANDOM,
        "secret-settings-file",
        "value of DB_PASSWORD",
    ),
    "app/.env.production": (
        f"GH={GITHUB}\n",
        GITHUB,
        "secret-settings-file",
        "GitHub token (fingerprint {})",
    ),
    "app/settings.py": (f"SECRET_KEY = '{RANDOM}'\n", RANDOM, "secret-settings-file", "value of SECRET_KEY"),
    "var/www/wp-config.php": (
        f"define( 'DB_PASSWORD', '{RANDOM}' );\n",
        RANDOM,
        "secret-settings-file",
        "value of DB_PASSWORD",
    ),
    "app/application.properties": (
        f"spring.datasource.password={RANDOM}\n",
        RANDOM,
        "secret-settings-file",
        "value of spring.datasource.password",
    ),
    "run/secrets/db": (f"{RANDOM}\n", RANDOM, "secret-settings-file", "secret"),
    "root/.bash_history": (f"ls\nexport TOKEN={RANDOM}\n", RANDOM, "secret-settings-file", "value of TOKEN"),
    "etc/shadow": (
        f"root:$6$salt${RANDOM}:19000:0:99999:7:::\n",
        RANDOM,
        "secret-password-hash",
        "hash of a password",
    ),
    "etc/nginx/.htpasswd": (
        f"me:$apr1$salt${RANDOM}\n",
        RANDOM,
        "secret-password-hash",
        "hash of a password",
    ),
}


@pytest.mark.parametrize("path", FILES)
def test_a_secret_in_a_file_is_found_and_its_value_is_not_told(path: str) -> None:
    content, value, identity, what = FILES[path]
    told = what.format(hashlib.sha256(value.encode()).hexdigest()[:8])
    (one,) = found({path: content})
    assert (one.id, one.saved, one.layers) == (identity, 0, (0,))
    assert one.evidence == (Evidence(path.encode(), 0, 1, 0, told),)
    assert value not in repr(one)


NOTHING: list[tuple[str, bytes | str]] = [
    ("etc/ssl/certs/ca-certificates.crt", pem()),
    ("srv/tls.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    ("srv/tls.key", BEGIN.format("") + "\n...\n" + END.format("")),
    ("root/.ssh/id_rsa.pub", "ssh-rsa AAAA me@here"),
    ("root/.ssh/authorized_keys", "ssh-rsa AAAA me@here"),
    ("root/.ssh/config", "Host *\n  IdentityFile ~/.ssh/id_rsa\n"),
    ("srv/trust.jks", b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\2" + bytes(40)),
    ("root/.aws/credentials", "[default]\naws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}\n"),
    ("root/.npmrc", "//registry.example/:_authToken=${NPM_TOKEN}\nfund=false\n"),
    ("root/.npmrc", "always-auth=true\n"),
    ("etc/pip.conf", "[global]\nindex-url = https://pypi.corp/simple\n"),
    ("etc/pip.conf", "[global]\nindex-url = https://${USER}:${PASS}@pypi.corp/simple\n"),
    ("root/.docker/config.json", '{"credsStore": "desktop", "auths": {"hub": {}}}'),
    ("src/.git/config", "[remote]\n\turl = git@git.corp:me/app.git\n"),
    (
        "app/.env",
        "API_TOKEN=changeme\nB_TOKEN=xxx\nC_TOKEN=<token>\nD_TOKEN=${TOKEN}\nE_TOKEN=\nF_TOKEN=''\n",
    ),
    ("app/.env", "PASSWORD_FILE=/run/secrets/db\nSECRET=/run/secrets/x\nTOKEN_URL=https://id.corp/token\n"),
    (
        "app/.env",
        "PORT=80\nPATH=/usr/bin:/bin\nMAX_TOKENS=4096\nTOKENIZERS_PARALLELISM=false\nTOKEN_TTL=3600\n",
    ),
    ("app/.env", f"PUBLIC_KEY={RANDOM}\nGPG_KEY={RANDOM}\nSORT_KEY=created\nAPI_KEY=YOUR_API_KEY\n"),
    ("app/.env.example", f"API_TOKEN=your-token\n# {RANDOM}\n"),
    ("app/settings.py", "password = models.CharField(max_length=128)\nSECRET_KEY = os.environ['KEY']\n"),
    ("app/database.yml", 'password: <%= ENV["DB_PASSWORD"] %>\n'),
    ("app/secrets.yml", "password: ENC[AES256_GCM,data:abc,iv:def]\n"),
    ("etc/shadow", "root:*:19000:0:99999:7:::\nme:!:19000::::::\nyou:!!:19000::::::\n"),
    ("etc/nginx/.htpasswd", "# name:hash\n"),
    ("app/package.json", f'{{"token": "{RANDOM}"}}'),
    ("app/credentials.json", f'{{"token": "{RANDOM}"}}'),
    ("run/secrets/db", ""),
]


@pytest.mark.parametrize(("path", "content"), NOTHING)
def test_a_near_miss_is_not_found(path: str, content: bytes | str) -> None:
    assert found({path: content}) == []


def test_what_tests_and_examples_hold_is_for_information() -> None:
    files = {
        "usr/lib/python3/test/key.pem": pem(),
        "app/.env.example": f"TOKEN={GITHUB}",
        "etc/ssl/private/ssl-cert-snakeoil.key": pem(),
    }
    (one,) = found(files)
    assert (one.id, one.severity, len(one.evidence)) == ("secret-example", Severity.INFO, 3)


def test_a_passphrase_makes_a_key_less_severe() -> None:
    protected = pem("RSA ", f"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{BODY}")
    for content in (protected, pem("ENCRYPTED ")):
        (one,) = found({"srv/tls.key": content})
        assert (one.severity, one.evidence[0].what.partition(" (")[0]) == (
            Severity.MEDIUM,
            "private key with a passphrase",
        )


def test_keys_that_are_not_pem() -> None:
    java = b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\1" + bytes(40)
    (one,) = found({"srv/a.jks": java, "srv/b.p12": b"\x30\x82\x09\x00\x02\x01\x03\x30" + bytes(40)})
    assert one.severity is Severity.MEDIUM
    assert [evidence.what.partition(" (")[0] for evidence in one.evidence] == ["key store", "key store"]
    (two,) = found({"srv/a.key": b"\x30\x82\x04\xa4\x02\x01\x00\x02" + bytes(40)})
    assert two.severity is Severity.HIGH


def test_the_key_of_a_ssh_server_is_that_of_every_container() -> None:
    (one,) = found({"etc/ssh/ssh_host_ed25519_key": pem("OPENSSH ")}, steps=["RUN apt-get install -y sshd"])
    assert (one.severity, one.fix.splitlines()[1:]) == (
        Severity.MEDIUM,
        ["RUN apt-get install -y sshd \\", " && rm -f /etc/ssh/ssh_host_*"],
    )


# Deleted and overwritten ----------------------------------------------------------------------------------


def test_a_deleted_secret_names_the_blob_that_still_has_it() -> None:
    analysis = measured(
        held({"app/.env": f"TOKEN={RANDOM}"}, name="blobs/sha256/aa"),
        held({"app/.wh..env": ""}),
        steps=["COPY . /app", "RUN rm /app/.env"],
    )
    (one,) = find_secrets(analysis)
    assert one == Finding(
        "secret-deleted",
        "Secrets hidden by a later layer, and still in the image",
        Severity.HIGH,
        (0, 1),
        (
            Evidence(
                b"app/.env",
                0,
                1,
                0,
                "value of TOKEN; hidden by layer 1, and still in the blob blobs/sha256/aa",
            ),
        ),
        0,
        0,
        "A layer cannot be changed by the next one: whoever has the image reads the file out of the blob of "
        "its own layer. Only a build that never writes it, and a new secret in place of this one, mend that.",
        "# in .dockerignore:\n**/.env\n# for a step that needs it:\n"
        "RUN --mount=type=secret,id=env,target=/app/.env COMMAND\n"
        "# docker build --secret id=env,src=FILE .\n"
        "# and revoke the secret: whoever has had the image has it",
    )


def test_a_secret_that_is_copied_and_then_deleted_is_one_finding() -> None:
    files = {"app/.env": f"TOKEN={RANDOM}"}
    (one,) = find_secrets(measured(held(files), held(files), held({"app/.wh..env": ""})))
    assert (one.id, one.layers, [evidence.layer for evidence in one.evidence]) == (
        "secret-deleted",
        (0, 1, 2),
        [0, 1],
    )


def test_a_secret_that_is_overwritten_with_none_is_hidden() -> None:
    (one,) = find_secrets(measured(held({"a/.env": f"TOKEN={RANDOM}"}), held({"a/.env": "TOKEN="})))
    assert (one.id, one.layers) == ("secret-deleted", (0, 1))


def test_a_secret_that_is_there_again_is_not_hidden() -> None:
    files = {"a/.env": f"TOKEN={RANDOM}"}
    (one,) = find_secrets(measured(held(files), held(files)))
    assert (one.id, one.layers, len(one.evidence)) == ("secret-settings-file", (0, 1), 2)


# Which files are read -------------------------------------------------------------------------------------


def test_what_has_gone_by_is_told_by_name() -> None:
    files = {"root/.ssh/id_rsa": pem(), "app/.env": "A=1", "app/.npmrc": "a", "t.pem": "b", "etc/shadow": "c"}
    (one,) = find_secrets(measured(held(files, packed=0)))
    assert (one.id, one.severity) == ("secret-unread", Severity.MEDIUM)
    assert [(evidence.path, evidence.what) for evidence in one.evidence] == [
        (b"app/.env", "variables by its name; its content was not read"),
        (b"root/.ssh/id_rsa", "private key by its name; its content was not read"),
    ]


def test_of_packed_layers_the_cheap_ones_are_unpacked_again_up_to_a_third_of_the_image() -> None:
    def is_read(*costs: int) -> list[bool]:
        files = {"a/.env": f"TOKEN={RANDOM}"}
        layers = [held({f"{index}{path}": text for path, text in files.items()}, packed=cost)
                  for index, cost in enumerate(costs)]  # fmt: skip
        return [
            index not in {evidence.layer for one in find_secrets(measured(*layers))
                          if one.id == "secret-unread" for evidence in one.evidence}
            for index in range(len(costs))
        ]  # fmt: skip

    assert is_read(FREE, 100) == [False, True]
    assert is_read(FREE) == [True]
    assert is_read(FREE + 1) == [False]
    assert is_read(6 * FREE, 2 * FREE, FREE) == [False, True, True]


def test_a_large_layer_is_not_unpacked_for_what_hardly_ever_holds_a_secret() -> None:
    shadow = {"etc/shadow": f"root:$6$salt${RANDOM}:1:\n", "usr/share/doc/x.pem": pem()}
    assert list(find_secrets(measured(held(shadow, packed=9_000_000)))) == []
    assert len(list(find_secrets(measured(held(shadow, packed=8_000_000))))) == 2


def test_no_more_than_the_beginning_of_a_file_is_read() -> None:
    blanks = "\n" * MOST_OF_A_FILE
    assert found({"a/.env": f"{blanks}TOKEN={RANDOM}"}) == []
    assert len(found({"a/.env": f"TOKEN={RANDOM}\n{blanks}"})) == 1


def test_files_are_read_up_to_some_mib_together_smaller_ones_first() -> None:
    large = {f"{number}.pem": pem() + "\n" * MOST_OF_A_FILE for number in range(40)}
    (one, two) = found({**large, "z/.env": f"TOKEN={RANDOM}"})
    assert (one.id, len(one.evidence), two.id) == ("secret-private-key", 31, "secret-settings-file")


def test_one_finding_holds_no_more_than_fifty_places() -> None:
    (one,) = found({f"{number}/.env": f"TOKEN={RANDOM}" for number in range(60)})
    assert (len(one.evidence), one.more) == (50, 10)


# Settings and history -------------------------------------------------------------------------------------


def test_variables_labels_and_commands_of_the_image() -> None:
    config = {
        "Env": ["PATH=/bin", f"DB_PASSWORD=of {RANDOM}", "TOKEN=${X}", "GPG_KEY=" + "A035C8C1" * 5, "odd"],
        "Labels": {"a.token": RANDOM, "about": f"use {GITHUB}", "version": "1"},
        "Cmd": ["app", f"--api-key={RANDOM}"],
        "Healthcheck": {"Test": ["CMD", "curl", "-u", f"me:{RANDOM}", "localhost"]},
        "Entrypoint": None,
    }
    (one,) = find_secrets(measured(held({}), config=config))
    assert (one.id, one.severity, one.layers, one.saved) == ("secret-in-config", Severity.HIGH, (), 0)
    fingerprint = hashlib.sha256(GITHUB.encode()).hexdigest()[:8]
    assert [(evidence.path, evidence.layer, evidence.what) for evidence in one.evidence] == [
        (b"", None, "ENV: value of DB_PASSWORD"),
        (b"", None, "LABEL: value of a.token"),
        (b"", None, f"LABEL: GitHub token (fingerprint {fingerprint})"),
        (b"", None, "CMD: value of api-key"),
        (b"", None, "HEALTHCHECK: password of curl"),
    ]
    assert one.fix.splitlines()[1] == "RUN --mount=type=secret,id=db_password,env=DB_PASSWORD COMMAND"
    assert not {RANDOM, GITHUB} & set(repr(one).split())


def test_steps_of_the_history() -> None:
    analysis = measured(
        held({}),
        held({}),
        steps=[
            f"|1 NPM_TOKEN={RANDOM} /bin/sh -c npm ci",
            f'RUN /bin/sh -c curl -H "Authorization: Bearer {RANDOM}" https://a | tar x # buildkit',
            f"/bin/sh -c #(nop)  ENV OLD_PASSWORD={RANDOM}",
            "ENV A=b",
        ],
    )
    (one,) = find_secrets(analysis)
    assert (one.id, one.severity, one.layers) == ("secret-in-history", Severity.HIGH, (0, 1))
    assert [(evidence.layer, evidence.what) for evidence in one.evidence] == [
        (0, "RUN npm ci: value of NPM_TOKEN"),
        (1, 'RUN curl -H "Authorization: Bearer ***…: authorization header'),
        (None, "ENV: value of OLD_PASSWORD"),
    ]
    assert RANDOM not in repr(one)


def test_a_value_of_a_file_is_hidden_in_the_steps_too() -> None:
    step = f"RUN echo {RANDOM} > /run/secrets/db && app --password hunter22"
    one, two = find_secrets(measured(held({"run/secrets/db": RANDOM}), steps=[step]))
    assert two.evidence[0].what == "RUN echo ***…: value of password"
    assert not any(value in repr((one, two)) for value in (RANDOM, "hunter22"))


def test_a_variable_that_the_image_has_is_told_once() -> None:
    config = {"Env": [f"DB_PASSWORD={RANDOM}"]}
    (one,) = find_secrets(measured(held({}), config=config, steps=["", f"ENV DB_PASSWORD={RANDOM}"]))
    assert one.id == "secret-in-config"


def test_a_value_that_a_later_step_sets_anew_is_told_of_the_step() -> None:
    config = {"Env": [f"DB_PASSWORD={RANDOM}"]}
    steps = ["", "ENV DB_PASSWORD=the-first-one", f"ENV DB_PASSWORD={RANDOM}"]
    one, two = find_secrets(measured(held({}), config=config, steps=steps))
    assert (one.id, two.id, len(two.evidence)) == ("secret-in-config", "secret-in-history", 1)


def test_a_token_that_the_image_has_is_told_once_under_any_name() -> None:
    config = {"Env": [f"GH_TOKEN={GITHUB}"]}
    (one,) = find_secrets(measured(held({}), config=config, steps=["", f"ENV GH_TOKEN={GITHUB}"]))
    assert one.id == "secret-in-config"


def test_config_and_history_of_the_wrong_types_hold_nothing() -> None:
    config = {"Env": "PASSWORD=abc123", "Labels": ["a"], "Cmd": 7, "Healthcheck": [], "OnBuild": {"a": 1}}
    assert list(find_secrets(measured(held({}), config=config))) == []


def test_a_fix_repeats_the_step_without_its_secrets() -> None:
    analysis = measured(
        held({"root/.netrc": f"machine a login b password {RANDOM}"}),
        steps=[f"RUN /bin/sh -c echo machine a login b password {RANDOM} > ~/.netrc && fetch # buildkit"],
    )
    one, two = find_secrets(analysis)
    assert one.fix.splitlines()[0] == (
        "RUN --mount=type=secret,id=netrc,target=/root/.netrc "
        "echo machine a login b password *** > ~/.netrc && fetch"
    )
    assert RANDOM not in repr((one, two))


# No value leaves ------------------------------------------------------------------------------------------

MADE = st.text(string.ascii_letters + string.digits + "_-", min_size=16, max_size=60).filter(
    lambda value: any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and value[0].isalnum()
)


@given(value=MADE, hidden=st.booleans())
def test_no_finding_holds_a_value_wherever_it_was_planted(value: str, hidden: bool) -> None:
    planted = {path: content.replace(known, value) for path, (content, known, *_) in FILES.items()}
    gone = {f"{path.rpartition('/')[0]}/.wh.{path.rpartition('/')[2]}": "" for path in planted}
    steps = [
        f"|1 TOKEN={value} /bin/sh -c make",
        f"RUN curl -H 'Private-Token: {value}' https://me:{value}@host --password {value}",
        f"ENV PASSWORD {value}",
        f"ARG A_TOKEN={value}",
    ]
    config = {"Env": [f"PASSWORD={value}"], "Labels": {"token": value}, "Cmd": ["a", "--token", value]}
    layers = [held(planted), *([held(gone)] if hidden else [])]
    findings = list(find_secrets(measured(*layers, steps=steps, config=config)))
    assert len(findings) >= 3
    assert [one for one in findings if value in repr(one)] == []


@pytest.mark.parametrize("wanted", BY_NAME.values(), ids=BY_NAME)
def test_no_report_holds_a_value_that_a_file_has(wanted: Format) -> None:
    values = {known for _, known, *_ in FILES.values()}
    files = {path: content for path, (content, *_) in FILES.items()}
    analysis = measured(held(files), held({"app/.wh..env": ""}))
    analysis.__dict__["findings"] = tuple(find_secrets(analysis))
    out = io.StringIO()
    wanted.write(Run((Subject(analysis),)), out)
    assert [value for value in values if value in out.getvalue()] == []


# Real archives --------------------------------------------------------------------------------------------

APP = Image([layer(file("app/.env", f"TOKEN={RANDOM}".encode())), layer(whiteout("app/.env"))])


@pytest.mark.parametrize("style", ["docker", "oci-gzip"])
def test_an_archive_names_the_blob(tmp_path: Path, style: str) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(APP) if style == "docker" else oci_archive(APP, compression="gzip"))
    with open_image(str(path)) as opened:
        (one,) = find_secrets(analyze(opened))
        first = opened.layers[0]
        assert (one.id, one.evidence[0].what) == (
            "secret-deleted",
            "value of TOKEN; hidden by layer 1, and still in the blob " + (first.digest or first.name),
        )


def test_standard_input_leaves_names() -> None:
    with open_image("-", stdin=io.BytesIO(docker_archive(APP))) as opened:
        (one,) = find_secrets(analyze(opened))
    assert (one.id, one.layers) == ("secret-unread", (0,))


def test_a_saved_report_leaves_names_and_one_without_entries_nothing(tmp_path: Path) -> None:
    def saved(*, entries: bool) -> Analysis:
        path = tmp_path / "report.json"
        with path.open("w", encoding="utf-8") as out:
            json_report.write(measured(held({"app/.env": f"TOKEN={RANDOM}"})), out, entries=entries)
        return saved_report.read(str(path))

    assert [one.id for one in find_secrets(saved(entries=True))] == ["secret-unread"]
    with pytest.raises(SourceError, match="without entries"):
        list(find_secrets(saved(entries=False)))
