"""Secrets in commands and values are hidden, and everything else stays."""

import hashlib
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.analysis.findings.secret_patterns import find_in_text, find_tokens, mask, mask_value

VALUE = "Qx7pL2" + "vT9sK4mZ8wB6"

HIDDEN = [
    "|1 TOKEN={} /bin/sh -c make",
    "|2 A=b TOKEN={} with blanks /bin/sh -c make TOKEN",
    "RUN |1 NPM_TOKEN={} /bin/sh -c npm ci # buildkit",
    "ENV DB_PASSWORD={}",
    "ENV A=b DB_PASSWORD=one {} C=d",
    'ENV DB_PASSWORD="{}"',
    "ENV DB_PASSWORD {}",
    "/bin/sh -c #(nop)  ENV API_KEY={}",
    "ARG GITHUB_TOKEN={}",
    "LABEL deploy.token={}",
    'RUN curl -H "Authorization: Bearer {}" https://host',
    "RUN curl -H 'PRIVATE-TOKEN: {}' https://host",
    "RUN curl -u me:{} https://host",
    "RUN curl --user 'me:{}' https://host",
    "RUN git clone https://me:{}@host/app.git",
    "RUN git clone https://:{}@host/app.git",
    "RUN pip install --index-url https://ci:{}@pypi.corp/simple app",
    "RUN app login --password {} --user me",
    "RUN app login --password={}",
    "RUN app login --api-key '{}'",
    "RUN export AWS_SECRET_ACCESS_KEY={} && aws s3 ls",
    "RUN PGPASSWORD={} psql -h db",
    "RUN echo 'root:{}' | chpasswd",
    "RUN echo root:{} | sudo chpasswd",
    "RUN mysql -u root -p{} app",
    "RUN sshpass -p {} ssh host",
    "RUN echo machine host login me password {} > ~/.netrc",
    "RUN npm config set //registry.example/:_authToken={}",
    "RUN npm config set //registry.example/:_authToken {}",
    """RUN echo '{{"password": "{}"}}' > /app/config.json""",
    r'RUN echo "{{\"client_secret\":\"{}\"}}" > /app/config.json',
    "RUN sed -i 's/x/y/' && TOKEN={} make; echo {}",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_secret_in_a_command_is_hidden(text: str) -> None:
    masked = mask(text.format(*[VALUE] * text.count("{}")))
    assert VALUE not in masked
    assert "***" in masked


TOKENS = {
    "AK" + "IA" + "Q3EXW7LMN2PORSTU": "AWS access key",
    "gh" + "p_" + "A1b2C3d4" * 5: "GitHub token",
    "github" + "_pat_" + "A1b2C3d4_" * 5: "GitHub token",
    "gl" + "pat-" + "A1b2C3d4-" * 3: "GitLab token",
    "xo" + "xb-" + "123456789012-A1b2C3d4": "Slack token",
    "sk" + "_live_" + "A1b2C3d4" * 3: "Stripe key",
    "AI" + "za" + "A1b2C3d" * 5: "Google API key",
    "np" + "m_" + "A1b2C3" * 6: "npm token",
    "pypi" + "-AgE" + "A1b2C3d4" * 8: "PyPI token",
    "dckr" + "_pat_" + "A1b2C3d4" * 3: "Docker Hub token",
    "h" + "f_" + "A1" * 17: "Hugging Face token",
    "sk" + "-proj-" + "A1b2C3d4" * 5: "OpenAI key",
    "sk" + "-ant-" + "A1b2C3d4" * 5: "Anthropic key",
    "S" + "G." + "A1" * 11 + "." + "b" * 43: "SendGrid key",
    "dop" + "_v1_" + "a1b2c3d4" * 8: "DigitalOcean token",
    "hv" + "s." + "A1b2C3d4" * 3: "Vault token",
    "Account" + "Key=" + "A1" * 43 + "==": "Azure storage key",
    "ey"
    + "J"
    + "hbGciOiJFUzI1NiJ9"
    + ".ey"
    + "J"
    + "zdWIiOiJtZSJ9abc"
    + "."
    + "A1b2C3d4" * 3: "JSON web token",
}


@pytest.mark.parametrize("token", TOKENS, ids=TOKENS.get)
def test_a_token_tells_what_it_is(token: str) -> None:
    (one,) = find_tokens(f"some text with {token} in it")
    assert (one.kind, one.value) == (TOKENS[token], token)
    assert one.fingerprint == hashlib.sha256(token.encode()).hexdigest()[:8]
    assert mask(f"RUN use '{token}'") == "RUN use '***'"
    assert token not in repr(one)


STAYS = [
    "RUN apt-get update && apt-get install -y --no-install-recommends curl # buildkit",
    "ENV PATH=/usr/local/bin:/usr/bin GPG_KEY=" + "A035C8C1" * 5,
    "ENV PYTHON_SHA256=" + "0a1b2c3d" * 8,
    "ENV DB_PASSWORD_FILE=/run/secrets/db TOKEN=/run/secrets/token",
    "ARG NPM_TOKEN",
    "ARG NPM_TOKEN=",
    "ENV NPM_TOKEN=${NPM_TOKEN} A_TOKEN=$TOKEN",
    "RUN --mount=type=secret,id=npm,env=NPM_TOKEN npm ci",
    "RUN --mount=type=secret,id=token TOKEN=$(cat /run/secrets/token) make",
    "RUN docker build --secret id=token,src=token .",
    "RUN curl -fsSL https://host:8443/a@b -o x",
    "RUN curl -H 'Authorization: Bearer ${TOKEN}' https://host",
    "RUN git clone git@host:me/app.git && git clone ssh://git@host/app",
    "RUN app --password-file /etc/pw --token-ttl 60 --no-password",
    "RUN adduser --disabled-password --gecos '' me",
    "RUN mysqld --port 3306 && docker run -u 1000:1000 -p 80:80 x",
    "RUN gpg --keyserver hkps://keys.openpgp.org --recv-keys " + "A035C8C1" * 5,
    "COPY --chown=1000:1000 . /app",
    'CMD ["python3", "app.py"]',
    "LABEL org.opencontainers.image.revision=" + "0a1b2c3d" * 5,
    "ENV PASSWORD=changeme SECRET=xxx A_TOKEN=<token> API_KEY=your-key MY_SECRET=***",
    "ENV USE_TOKEN=true TOKENIZERS_PARALLELISM=false MAX_TOKEN=4096",
    "",
]


@pytest.mark.parametrize("text", STAYS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text) == text


def test_a_value_is_hidden_wherever_else_it_stands() -> None:
    assert mask(f"ENV TOKEN={VALUE}\nRUN echo {VALUE}") == "ENV TOKEN=***"
    assert mask(f"RUN TOKEN={VALUE} make && echo {VALUE}") == "RUN TOKEN=*** make && echo ***"
    assert mask(f"RUN echo {VALUE}", [VALUE]) == "RUN echo ***"
    assert mask("RUN echo a short word", ["a", "word"]) == "RUN echo a short word"


def test_a_private_key_is_hidden() -> None:
    key = "-----BEGIN " + "PRIVATE KEY-----\\n" + VALUE * 5 + "\\n-----END PRIVATE" + " KEY-----"
    assert mask(f"RUN echo '{key}' > /k") == (
        "RUN echo '-----BEGIN " + "PRIVATE KEY-----***-----END PRIVATE" + " KEY-----' > /k"
    )


def test_the_value_of_a_variable_by_its_name() -> None:
    assert mask_value("DB_PASSWORD", "correct horse battery staple") == "***"
    assert mask_value("DATABASE_URL", "postgres://me:hunter22@db/app") == "postgres://me:***@db/app"
    assert mask_value("PATH", "/usr/bin") == "/usr/bin"
    assert mask_value("TOKEN", "${TOKEN}") == "${TOKEN}"


def test_what_people_choose_has_no_fingerprint() -> None:
    (one,) = find_in_text("RUN app --password hunter22")
    assert (one.fingerprint, repr(one)) == (
        "",
        "Secret(kind='value of password', name='password', is_made=False)",
    )


WORDS = st.sampled_from(
    [
        "RUN ",
        "ENV ",
        "|1 ",
        "TOKEN=",
        "PASSWORD ",
        "--token ",
        "://a:",
        "@b",
        "'",
        '"',
        "\\",
        "***",
        " ",
        VALUE,
    ]
)


@given(st.lists(st.one_of(WORDS, st.text(max_size=8))).map("".join))
def test_to_mask_twice_changes_nothing_and_nothing_raises(text: str) -> None:
    assert mask(mask(text)) == mask(text)


PLAIN = st.text(string.ascii_letters + string.digits, min_size=12).filter(
    lambda value: any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and len(set(value)) > 8
)


@given(value=PLAIN, text=st.sampled_from(HIDDEN))
def test_any_value_is_hidden(value: str, text: str) -> None:
    assert value not in mask(text.format(*[value] * text.count("{}")))


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "a=", "a-", "a.", "--a ", " a=", "ENV ", "TOKEN='", '"a" : ', "://", "://a:", "\\\\", "=> "),
        *("-----BEGIN PRIVATE" + " KEY-----", "mysql -", "machine a login ", "a:a|", "authorization:"),
        *("eyJ" + "a" * 12 + ".", "T{}_TOKEN=abcdef{} "),
    ],
)
def test_a_long_text_takes_no_longer_than_its_length_says(piece: str) -> None:
    text = "ENV " + "".join(piece.format(number, number) for number in range(50_000 // len(piece)))
    begin = time.perf_counter()
    mask(text)
    assert time.perf_counter() - begin < 2
