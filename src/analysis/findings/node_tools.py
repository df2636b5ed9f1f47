"""Packages of Node.js that are for development, by their names."""

_SCOPES = frozenset(
    (
        *("@babel", "@esbuild", "@eslint", "@jest", "@rollup", "@storybook", "@swc", "@types"),
        *("@typescript", "@typescript-eslint", "@vitest", "@webassemblyjs", "@webpack-cli"),
    )
)
"""All packages of these, but for `_RUNTIMES`."""
_NAMES = frozenset(
    (
        *("babel-core", "chai", "cypress", "esbuild", "eslint", "eslint-plugin-import"),
        *("eslint-plugin-react", "gulp", "jasmine", "jest", "karma", "lerna", "mocha", "nodemon", "nx"),
        *("nyc", "parcel", "playwright", "prettier", "puppeteer", "rollup", "sass", "ts-jest", "ts-node"),
        *("turbo", "typescript", "vite", "vitest", "webpack", "webpack-cli", "webpack-dev-server"),
    )
)
_RUNTIMES = frozenset(
    ("@babel/runtime", "@babel/runtime-corejs2", "@babel/runtime-corejs3", "@babel/polyfill", "@swc/helpers")
)
"""What the code that a compiler makes needs where it runs."""
SHOWN = tuple(sorted(_NAMES | {f"{scope}/*" for scope in _SCOPES}))
"""What is looked for, as text."""


def is_tool(name: str) -> bool:
    """Whether a package, with its scope, is a well-known compiler, bundler, linter or test runner."""
    scope, slash, _ = name.partition("/")
    return name in _NAMES or (bool(slash) and scope in _SCOPES and name not in _RUNTIMES)
