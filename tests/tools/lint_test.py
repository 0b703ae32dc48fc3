"""The lint finds what it is there for, and nothing else."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import cpp_source  # noqa: E402
import lint  # noqa: E402
from lint import Finding, Source  # noqa: E402

CRYPTO = Source("crypto/CMakeLists.txt",
                "elsec_room(crypto SOURCES a.cpp # USES storage\n  USES domain\n  LIBRARIES x)")
GATEWAY = Source("gateway/CMakeLists.txt", "elsec_room(gateway USES domain codec actors)")


def lines(findings: list[Finding]) -> list[int]:
    return [finding.line for finding in findings]


class Rooms(unittest.TestCase):
    def check(self, *sources: Source) -> list[Finding]:
        return list(lint.check_rooms([CRYPTO, GATEWAY, *sources]))

    def test_an_include_against_the_order_of_rooms_is_found(self) -> None:
        source = Source("crypto/a.cpp", '#include "crypto/a.hpp"\n#include "domain/b.hpp"\n#include "storage/c.hpp"\n')
        self.assertEqual(lines(self.check(source)), [3])

    def test_the_app_is_used_by_nobody(self) -> None:
        self.assertEqual(lines(self.check(Source("crypto/a.cpp", '#include "app/settings/settings.hpp"\n'))), [1])

    def test_the_gateway_sees_two_headers_of_the_actors(self) -> None:
        allowed = '#include "actors/interfaces.hpp"\n#include "actors/queries.hpp"\n'
        self.assertEqual(self.check(Source("gateway/a.hpp", allowed)), [])
        self.assertEqual(lines(self.check(Source("gateway/a.hpp", allowed + '#include "actors/tenant.hpp"\n'))), [3])

    def test_a_capability_sees_no_other_and_the_gateway_none(self) -> None:
        room = Source("capabilities/CMakeLists.txt", "elsec_room(capabilities USES domain)")
        door = Source("gateway/CMakeLists.txt", "elsec_room(gateway USES capabilities)")

        def found(path: str, include: str) -> list[int]:
            return lines(list(lint.check_rooms([room, door, Source(path, f'#include "{include}"\n')])))

        self.assertEqual(found("capabilities/beds/a.cpp", "capabilities/beds/a.hpp"), [])
        self.assertEqual(found("capabilities/beds/a.cpp", "capabilities/route.hpp"), [])
        self.assertEqual(found("capabilities/beds/a.cpp", "capabilities/letters/a.hpp"), [1])
        self.assertEqual(found("capabilities/route.hpp", "capabilities/letters/a.hpp"), [1])
        self.assertEqual(found("capabilities/all.cpp", "capabilities/letters/capability.hpp"), [])
        self.assertEqual(found("gateway/a.cpp", "capabilities/all.hpp"), [])
        self.assertEqual(found("gateway/a.cpp", "capabilities/letters/a.hpp"), [1])

    def test_a_room_without_a_list_is_found(self) -> None:
        self.assertEqual([each.file for each in self.check(Source("codec/a.cpp", ""))], ["codec"])


class Lengths(unittest.TestCase):
    def test_a_function_of_71_lines_is_found_and_one_of_70_is_not(self) -> None:
        def function(length: int) -> str:
            return "namespace a {\nint f(int x) {\n" + "  x += 1'000;\n" * (length - 2) + "}\n}\n"

        self.assertEqual(list(lint.check_lengths([Source("crypto/a.cpp", function(70))])), [])
        self.assertEqual(lines(list(lint.check_lengths([Source("crypto/a.cpp", function(71))]))), [2])

    def test_a_file_of_501_lines_is_found(self) -> None:
        self.assertEqual(list(lint.check_lengths([Source("crypto/a.cpp", "\n" * 500)])), [])
        self.assertEqual(len(list(lint.check_lengths([Source("crypto/a.cpp", "\n" * 501)]))), 1)

    def test_functions_are_told_from_everything_else_in_braces(self) -> None:
        text = """
        struct point { int x; int y = f({1, 2}); };   // } not code {
        constexpr int table[] = {1, 2};
        enum class e : int { a, b };
        template <class T> struct holder { holder() : a_{1}, b_(2) { g("}{"); } T a_; int b_; };
        auto r = R"x({ )" )x";
        DESCRIBE(point, (), (x, y))
        int main() { auto l = [] { return '{'; }; return l(); }
        """
        found = [(each.head.split("(")[0], each.lines) for each in cpp_source.functions(text)]
        self.assertEqual(found, [("holder", 1), ("int main", 1)])


class WordsAndSleeps(unittest.TestCase):
    def test_a_promise_to_finish_later_is_found(self) -> None:
        word = "TO" + "DO"
        self.assertEqual(lines(list(lint.check_words([Source("README.md", f"a\n{word}: b\nMASTODON")]))), [2])

    def test_a_sleep_in_a_test_is_found_and_elsewhere_is_not(self) -> None:
        text = "std::this_thread::sleep" + "_for(1ms);\nasleep(); no_sleep_here;\n"
        self.assertEqual(lines(list(lint.check_sleeps([Source("tests/a.cpp", text), Source("app/a.cpp", text)]))), [1])


class Beast(unittest.TestCase):
    def test_the_seventh_translation_unit_with_beast_is_found_through_headers_too(self) -> None:
        header = Source("gateway/http.hpp", "#include <boost/beast/http.hpp>\n")
        units = [Source(f"gateway/{i}.cpp", '#include "gateway/http.hpp"\n') for i in range(7)]
        self.assertEqual(list(lint.check_beast([header, *units[:6]])), [])
        self.assertEqual(len(list(lint.check_beast([header, *units]))), 1)


class Awaits(unittest.TestCase):
    def check(self, code: str) -> list[int]:
        return lines(list(lint.check_awaits([Source("gateway/a.cpp", code)])))

    def test_a_wait_inside_of_a_condition_is_found_however_deep(self) -> None:
        self.assertEqual(self.check("if (!co_await a()) b();\nwhile (x && (co_await c(d)) > 0) {\n}\n"), [1, 2])
        self.assertEqual(self.check("if constexpr (y)\n  if (z(1,\n        co_await e()))\n    f();\n"), [3])
        self.assertEqual(self.check("if (auto ok = co_await a(); !ok) b();\n} while (co_await c());\n"), [1, 2])
        self.assertEqual(self.check("if (const auto ok = co_await a()) b();\n"), [1])

    def test_a_wait_beside_a_condition_is_not(self) -> None:
        self.assertEqual(self.check("const bool ok = co_await a();\nif (ok) co_await b();\nwhile (ok) { co_await c(); }"), [])
        self.assertEqual(self.check('if (a) {}  // if (co_await b())\nauto text = "if (co_await c())";\n'), [])
        self.assertEqual(self.check("elif_if_(co_await a());\nnotif (co_await b());\n"), [])


if __name__ == "__main__":
    unittest.main()
