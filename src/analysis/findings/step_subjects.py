"""What the catalogue says of findings about steps."""

from .finding import Severity
from .subject import Subject

UPDATE_ALONE = Subject(
    "update-alone",
    "Package lists updated in a step of their own",
    Severity.LOW,
    "The build cache keeps the step, and with it lists that get older while the next step changes. "
    "An install by old lists gets old packages, or fails because they are gone.",
    "RUN apt-get update \\\n && apt-get install -y --no-install-recommends PACKAGES \\\n"
    " && rm -rf /var/lib/apt/lists/*",
)
NOT_CLEANED = Subject(
    "install-without-cleaning",
    "Installed without cleaning up in the same step",
    Severity.LOW,
    "The layer of the step holds what the package manager needed on the way. "
    "A later step cannot take it out again.",
    "RUN INSTALL \\\n && CLEAN",
)
NPM_INSTALL = Subject(
    "npm-install",
    "npm install in place of npm ci",
    Severity.LOW,
    "`npm install` resolves versions anew and brings the development dependencies. "
    "`npm ci --omit=dev` takes what the lock file says, and only what runs.",
    "COPY package.json package-lock.json ./\nRUN npm ci --omit=dev && npm cache clean --force",
)
COPY_FIRST = Subject(
    "copy-before-install",
    "Sources copied before dependencies are installed",
    Severity.LOW,
    "Every change of a source file makes the builder run all later steps again, the installation too. "
    "And who pulls the image gets those layers anew.",
    "COPY MANIFESTS ./\nRUN INSTALL\nCOPY . .",
)
MANY_STEPS = Subject(
    "many-small-steps",
    "Many small RUN steps in a row",
    Severity.LOW,
    "Each step makes a layer with a blob of its own, to be pulled, checked and mounted. "
    "Steps that store next to nothing are as good in one.",
    "RUN ONE \\\n && TWO \\\n && THREE",
)
ADD_FOR_COPY = Subject(
    "add-for-copy",
    "ADD where COPY does",
    Severity.INFO,
    "ADD unpacks archives and fetches URLs, depending on what it finds. "
    "COPY says what is meant, and does no more.",
    "COPY SOURCE TARGET",
)
ADD_URL = Subject(
    "add-url",
    "ADD of a URL without a checksum",
    Severity.LOW,
    "Whatever the server sends at build time gets into the image, and an archive stays packed. "
    "Its layer keeps it even if a later step unpacks and deletes it.",
    "ADD --checksum=sha256:DIGEST URL TARGET\n"
    "# or, for an archive, nothing but what is in it:\nRUN curl -fsSL URL | tar -xz -C TARGET",
)
HUGE_LAYER = Subject(
    "huge-layer",
    "A layer that is most of the image",
    Severity.INFO,
    "A layer is pulled as one stream, and again as a whole if a byte of it changes. "
    "Parts that change at different times are better in steps of their own.",
    "# what changes least first, each in a step of its own:\nRUN INSTALL-SYSTEM-PACKAGES\n"
    "RUN INSTALL-DEPENDENCIES\nCOPY . .",
)
AFTER_VOLUME = Subject(
    "after-volume",
    "Files added to a VOLUME",
    Severity.LOW,
    "What a step puts below a path that is a volume already, some builders drop without a word. "
    "And a container with a volume of its own there does not see it.",
    "# behind the steps that write there:\nVOLUME PATH",
)
UPGRADE = Subject(
    "distribution-upgrade",
    "The base image upgraded in a step",
    Severity.LOW,
    "Every package that is upgraded is in the image twice, the old one in the layers of the base image. "
    "A newer base image has the same packages once, and all images on it share them.",
    "# docker build --pull, or a newer digest:\nFROM BASE:TAG",
)
PIPED = Subject(
    "piped-to-shell",
    "A script from the network run unseen",
    Severity.INFO,
    "The step runs whatever the server sends at build time, and if the download breaks off, the first half. "
    "A checksum pins it down.",
    "ADD --checksum=sha256:DIGEST URL /tmp/install.sh\nRUN sh /tmp/install.sh",
)
LARGER_BASE = Subject(
    "larger-base",
    "A base image with a smaller variant",
    Severity.INFO,
    "The base image brings what a container does not use: documentation, or compilers and headers. "
    "Its distributor has a variant without them.",
    "FROM IMAGE:VERSION AS build\nRUN BUILD\nFROM IMAGE:VERSION-slim\nCOPY --from=build RESULT RESULT",
)
SUBJECTS = (
    *(UPDATE_ALONE, NOT_CLEANED, NPM_INSTALL, COPY_FIRST, MANY_STEPS, ADD_FOR_COPY, ADD_URL),
    *(HUGE_LAYER, AFTER_VOLUME, UPGRADE, PIPED, LARGER_BASE),
)
