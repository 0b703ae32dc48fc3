"""Just enough reading of C++ for the lint: code without comments and literals, includes, and function lengths."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)

_TOKEN = re.compile(
    r"""//(?:\\\n|[^\n])*            # comments
      | /\*.*?\*/
      | \bR"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"   # raw strings
      | "(?:\\.|[^"\\\n])*"          # strings
      | (?<![0-9A-Za-z])'(?:\\.|[^'\\\n])+'   # characters; 1'000 is none
      | ^[ \t]*\#(?:\\\n|[^\n])*     # preprocessor lines""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found.group())


def code_only(text: str) -> str:
    """The same text, with everything that is not code turned into blanks: lines keep their numbers."""
    return _TOKEN.sub(_blank, text)


def includes(text: str) -> list[tuple[int, str, bool]]:
    """Line, path, and whether it stands in quotation marks."""
    return [(text.count("\n", 0, found.start(1)) + 1, found[2], found[1] == '"') for found in INCLUDE.finditer(text)]


@dataclass(frozen=True)
class Function:
    first_line: int
    last_line: int
    head: str

    @property
    def lines(self) -> int:
        return self.last_line - self.first_line + 1


_MACRO = re.compile(r"\s*[A-Z][A-Z0-9_]+\s*\(")
_TEMPLATE = re.compile(r"\s*template\s*<")
_SCOPE = re.compile(r"\s*(?:inline\s+|export\s+)*(?:namespace|class|struct|union|enum|extern)\b")


def _closing(text: str, at: int, opening: str, closing: str) -> int:
    """The position behind the bracket that closes the one before `at`."""
    depth = 1
    while at < len(text) and depth:
        depth += (text[at] == opening) - (text[at] == closing)
        at += 1
    return at


_CONDITION = re.compile(r"\b(?:if|while)\b\s*(?:constexpr\s*)?\(")
_AWAIT = re.compile(r"\bco_await\b")


def awaits_in_conditions(text: str) -> Iterator[int]:
    """The lines of every co_await between the parentheses of an `if` or `while`."""
    code = code_only(text)
    for found in _CONDITION.finditer(code):
        for wait in _AWAIT.finditer(code, found.end(), _closing(code, found.end(), "(", ")")):
            yield code.count("\n", 0, wait.start()) + 1


def _declaration(head: str) -> str:
    """What follows template parameters and macros that stand before something else."""
    while True:
        if found := _TEMPLATE.match(head):
            head = head[_closing(head, found.end(), "<", ">") :]
        elif (found := _MACRO.match(head)) and head[_closing(head, found.end(), "(", ")") :].strip():
            head = head[_closing(head, found.end(), "(", ")") :]
        else:
            return head


def _kind(head: str) -> str:
    """What an opening brace after `head` begins: a scope, a function or something else (an initialiser)."""
    text = _declaration(head)
    if _SCOPE.match(text) and "(" not in re.sub(r"(?:alignas|__attribute__)\s*\(", "", text):
        return "scope"
    if "(" in text and text.count("(") == text.count(")") and not text.rstrip().endswith("="):
        return "function"
    return "other"


def _goes_on(code: str, at: int) -> bool:
    """Whether what looked like a body was one member of a constructor's initialiser list."""
    rest = code[at:].lstrip()
    return rest[:1] in {",", "{"}


def functions(text: str) -> Iterator[Function]:
    """Every function defined at namespace or class level; lambdas count as part of theirs."""
    code = code_only(text)
    open_braces: list[str] = []
    head_from = 0
    for at, char in enumerate(code):
        inside = bool(open_braces) and open_braces[-1] != "scope"
        if char == "{":
            kind = "inner" if inside else _kind(code[head_from:at])
            open_braces.append(kind)
            if kind == "scope":
                head_from = at + 1
        elif char == "}" and open_braces:
            kind = open_braces.pop()
            if kind == "function" and not _goes_on(code, at + 1):
                yield _function(code, head_from, at)
            if kind == "scope" or (kind == "function" and not _goes_on(code, at + 1)):
                head_from = at + 1
        elif char == ";" and not inside:
            head_from = at + 1


def _function(code: str, head_from: int, end: int) -> Function:
    head = code[head_from : code.index("{", head_from)]
    start = head_from + len(head) - len(_declaration(head).lstrip())
    return Function(code.count("\n", 0, start) + 1, code.count("\n", 0, end) + 1, " ".join(_declaration(head).split()))
