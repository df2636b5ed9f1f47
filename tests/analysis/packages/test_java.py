"""Archives of Java are packages of their own."""

import pytest

from tests.analysis.packages.trees import listed


@pytest.mark.parametrize(
    ("file", "name", "version"),
    [
        ("spring-core-6.1.3.jar", "spring-core", "6.1.3"),
        ("log4j-1.2-api-2.20.0.jar", "log4j", "1.2-api-2.20.0"),
        ("guava-33.0.0-jre.jar", "guava", "33.0.0-jre"),
        ("app.war", "app", ""),
        ("my-app.ear", "my-app", ""),
        ("-1.jar", "-1", ""),
        (".jar", ".jar", ""),
    ],
)
def test_name_and_version_are_in_the_name_of_the_file(file: str, name: str, version: str) -> None:
    (one,) = listed({f"opt/{file}": b"PK12"}).packages
    assert (one.manager, one.name, one.version, one.files, one.size) == ("java", name, version, 1, 4)
