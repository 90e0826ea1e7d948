"""Pages: what `--html` writes, in a real browser where one is installed."""

import json
import os
import sys
import unittest

import browser
import program

RECIPE = os.path.join(program.RECIPES, "rtx3070-torch.yaml")
EVIL = "</script><img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
CHECKS = """recipe: checks
version: 1
resources:
  - directory: FOLDER/made
  - check: goes well
    run: [echo, well done]
  - check: goes wrong
    shell: "echo '<b>something</b>'; exit 3"
  - check: comes after
    run: ["true"]
    needs: [check.goes wrong]
"""
# A past run with a failure, a step that was not reached, and one whose end is not told.
EVENTS = [
    {"event": "run_started", "at": "2021-03-04T05:06:07.000Z", "run_id": "r1", "recipe": "checks", "steps": 4},
    {"event": "step_started", "at": "2021-03-04T05:06:07.100Z", "step": 1, "title": "check: goes well", "command": None},
    {"event": "step_output", "step": 1, "line": "well done " * 50},
    {"event": "step_finished", "at": "2021-03-04T05:06:09.100Z", "step": 1, "title": "check: goes well", "status": "ok",
     "seconds": 2.0},
    {"event": "step_started", "at": "2021-03-04T05:06:09.100Z", "step": 2, "title": EVIL, "command": ["sh", "-c", EVIL]},
    {"event": "step_output", "step": 2, "line": EVIL},
    {"event": "step_finished", "at": "2021-03-04T05:06:10.100Z", "step": 2, "title": EVIL, "status": "failed", "reason": EVIL,
     "hint": EVIL, "command": ["sh", "-c", EVIL], "exit_code": 3, "seconds": 1.0},
    {"event": "step_finished", "at": "2021-03-04T05:06:10.100Z", "step": 3, "title": "comes after", "status": "skipped"},
    {"event": "step_started", "at": "2021-03-04T05:06:10.100Z", "step": 4, "title": "x" * 200, "command": None},
]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class PageTest(program.ProgramTest):
    def plan_page(self, recipe=RECIPE):
        page = os.path.join(self.folder, "plan.html")
        self.run_program("plan", recipe, "--host", program.RECORDED, "--html", page)
        return page

    def evil_plan(self):
        """A page of a plan in which every text tries to become markup."""
        plan = json.loads(self.run_program("plan", RECIPE, "--host", program.RECORDED, "--json").stdout)
        plan["recipe"]["name"] = EVIL
        for change in plan["changes"]:
            change["reason"] = EVIL
            change["after"] = {EVIL: EVIL}
            change["diff"] = "+" + EVIL
        plan["changes"][0]["address"] = EVIL
        plan["steps"][0]["title"] = EVIL
        plan["findings"].append({"code": EVIL, "severity": "error", "message": EVIL, "hint": EVIL, "file": EVIL})
        page = os.path.join(self.folder, "evil.html")
        self.run_program("show", self.write("evil.json", json.dumps(plan)), "--html", page)
        return page

    def past_run_pages(self):
        """The pages of a past run and of all of them."""
        words = ("plan", RECIPE, "--host", program.RECORDED, "--json")
        self.write("state/mlenvctl/runs/r1.jsonl", "".join(json.dumps(each) + "\n" for each in EVENTS))
        self.write("state/mlenvctl/runs/r1.plan.json", self.run_program(*words).stdout)
        pages = [os.path.join(self.folder, name) for name in ("run.html", "history.html")]
        self.run_program("history", "r1", "--html", pages[0])
        self.run_program("history", "--html", pages[1])
        return pages

    def checks(self):
        return self.write("checks.yaml", CHECKS.replace("FOLDER", self.folder))


class FilesTest(PageTest):
    def test_a_page_is_its_owners_alone_and_the_plan_is_printed_as_well(self):
        page = os.path.join(self.folder, "p.html")
        words = ("plan", RECIPE, "--host", program.RECORDED)
        self.assertEqual(self.run_program(*words, "--html", page).stdout, self.run_program(*words).stdout)
        self.assertEqual(os.stat(page).st_mode & 0o777, 0o600)

    def test_a_saved_plan_gives_the_same_page(self):
        saved, again = os.path.join(self.folder, "saved.json"), os.path.join(self.folder, "again.html")
        self.run_program("plan", RECIPE, "--host", program.RECORDED, "--out", saved)
        self.run_program("show", saved, "--html", again)
        self.assertEqual(read(again), read(self.plan_page()))

    def test_a_page_that_cannot_be_written_is_said(self):
        wrong = os.path.join(self.folder, "nowhere", "p.html")
        self.assertIn("nowhere", self.run_program("plan", RECIPE, "--host", program.RECORDED, "--html", wrong, code=1).stderr)
        refused = self.run_program("apply", self.checks(), "--yes", "--html", wrong, code=4)
        self.assertNotIn("well done", refused.stdout)
        self.assertEqual(json.loads(self.run_program("history", "--json").stdout)["runs"], [])

    def test_before_the_question_the_page_shows_the_plan(self):
        page = os.path.join(self.folder, "p.html")
        self.run_program("apply", self.checks(), "--html", page, code=4)
        self.assertIn('<section id="steps"', read(page))
        self.assertNotIn('<section id="logs"', read(page))

    def test_of_many_runs_the_newest_have_their_logs(self):
        page = os.path.join(self.folder, "p.html")
        for number in range(30):
            events = [{**event, "run_id": "run-{:02}".format(number)} for event in EVENTS[:4]]
            self.write("state/mlenvctl/runs/run-{:02}.jsonl".format(number), "".join(json.dumps(each) + "\n" for each in events))
        self.run_program("history", "--html", page)
        text = read(page)
        self.assertEqual(text.count('<details class="run">'), 30)
        self.assertEqual(text.count('<ol class="gantt">'), 25)
        self.assertLess(text.index("run-29"), text.index("run-05"))
        self.assertIn("mlenvctl history --html FILE run-04", text)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to make a folder outside of a home")
    def test_after_a_run_the_page_has_its_logs_and_history_writes_the_same(self):
        page, again = (os.path.join(self.folder, name) for name in ("run.html", "again.html"))
        self.run_program("apply", self.checks(), "--yes", "--html", page, code=1)
        text = read(page)
        self.assertIn("well done", text)
        self.assertIn("&lt;b&gt;something&lt;/b&gt;", text)
        self.assertLess(text.index('<section id="logs"'), text.index('<section id="changes"'))
        run = json.loads(self.run_program("history", "--json").stdout)["runs"][0]["run_id"]
        self.run_program("history", run, "--html", again)
        self.assertEqual(read(again), text)
        self.run_program("history", "--html", again)
        self.assertIn("well done", read(again))


@unittest.skipUnless(browser.find_browser(), "no Chromium is installed")
class BrowserTest(PageTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser(browser.find_browser())
        cls.addClassCleanup(cls.browser.close)

    def open(self, page, **how):
        self.browser.open(page, **how)

    def shown(self):
        """The addresses of the changes that the list lets see."""
        return self.browser.ask("[...document.querySelectorAll('.change')].filter((e) => e.checkVisibility())"
                                ".map((e) => e.querySelector('.address').textContent)")

    def clear_nodes(self):
        """The addresses of the nodes that are not faded."""
        return self.browser.ask("[...document.querySelectorAll('.node:not(.faded)')]"
                                ".map((e) => e.querySelector('title').textContent.split(': ')[0])")

    def node(self, address):
        return ".node[aria-label^='{}:']".format(address)

    def view(self):
        return [float(each) for each in self.browser.ask(
            "document.querySelector('#picture').getAttribute('viewBox')").split()]

    def test_a_page_loads_nothing_and_complains_of_nothing(self):
        for page in (self.plan_page(), *self.past_run_pages()):
            self.open(page)
            self.assertEqual(self.browser.complaints(), [])
            self.assertEqual([each for each in self.browser.requests() if not each.startswith("data:")], ["file://" + page])

    def test_no_text_becomes_script_or_markup(self):
        self.open(self.evil_plan())
        self.assertEqual(self.browser.complaints(), [])
        self.assertIsNone(self.browser.ask("window.hacked"))
        self.assertEqual(self.browser.ask("document.querySelectorAll('img').length"), 0)
        self.assertEqual(self.browser.ask("document.querySelectorAll('script').length"), 1)
        self.assertEqual(self.browser.ask("document.querySelector('h1').lastChild.textContent.trim()"), EVIL)
        # Were there such markup, the policy would not run it.
        self.browser.ask("document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=\"window.hacked=1\">')")
        self.browser.ask("new Promise((done) => setTimeout(done, 200))")
        self.assertIsNone(self.browser.ask("window.hacked"))

    def test_the_filter_shows_what_has_the_words(self):
        self.open(self.plan_page())
        self.assertIn("venv.torch", self.shown())
        self.browser.key("/", "/")
        self.browser.write("libCUDNN8")
        self.assertEqual(self.shown(), ["apt_package.libcudnn8", "apt_package.libcudnn8-dev"])
        self.assertEqual(self.clear_nodes(), ["apt_package.libcudnn8", "apt_package.libcudnn8-dev"])
        self.browser.key("Escape")
        self.assertIn("venv.torch", self.shown())

    def test_the_filter_shows_what_has_the_action(self):
        self.open(self.plan_page())
        self.assertNotIn("check.torch sees the GPU", self.shown())
        self.browser.click("[data-filter=none]")
        self.assertEqual(self.shown(), ["check.torch computes", "check.torch sees the GPU"])
        self.assertEqual(sorted(self.clear_nodes()), sorted(self.shown()))
        self.browser.click("[data-filter=create]")
        self.assertIn("venv.torch", self.shown())
        self.browser.click("[data-filter=none]")
        self.assertNotIn("check.torch sees the GPU", self.shown())

    def test_clicking_a_node_opens_its_change_and_lights_what_it_is_joined_to(self):
        self.open(self.plan_page())
        is_open = "[...document.querySelectorAll('.change[open] .address')].map((e) => e.textContent)"
        self.assertEqual(self.browser.ask(is_open), [])
        self.browser.click(self.node("venv.torch"))
        self.assertEqual(self.browser.ask(is_open), ["venv.torch"])
        lit = self.clear_nodes()
        for address in ("venv.torch", "directory./home/student/ml", "pip_package.torch/numpy", "check.torch computes"):
            self.assertIn(address, lit)
        self.assertNotIn("apt_package.cuda-drivers", lit)
        self.assertIn("venv.torch needs ", self.browser.ask("document.querySelector('#selected').textContent"))
        self.browser.key("Escape")
        self.assertIn("apt_package.cuda-drivers", self.clear_nodes())

    def test_a_change_that_is_folded_away_opens_too(self):
        self.open(self.plan_page())
        self.browser.ask("document.querySelector(\"" + self.node("check.torch computes") + "\").focus()")
        self.browser.ask("document.activeElement.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))")
        self.assertIn("check.torch computes", self.shown())

    def test_wheel_drag_buttons_and_keys_move_the_graph(self):
        self.open(self.plan_page())
        first = self.view()
        x, y = self.browser.middle("#picture")
        self.browser.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200)
        self.browser.settle()
        closer = self.view()
        self.assertLess(closer[2], first[2])
        # What is under the pointer stays there.
        self.assertAlmostEqual(closer[0] + closer[2] / 2, first[0] + first[2] / 2, delta=2)
        self.browser.drag("#picture", 120, 40)
        moved = self.view()
        scale = moved[2] / self.browser.ask("document.querySelector('#picture').clientWidth")
        self.assertAlmostEqual(closer[0] - moved[0], 120 * scale, delta=1)
        self.assertAlmostEqual(closer[1] - moved[1], 40 * scale, delta=1)
        self.assertEqual(self.browser.ask("document.querySelectorAll('.change[open]').length"), 0, "a drag is no click")
        self.browser.ask("document.querySelector('.canvas').focus()")
        self.browser.key("ArrowRight")
        self.assertGreater(self.view()[0], moved[0])
        self.browser.key("-", "-")
        self.assertGreater(self.view()[2], moved[2])
        self.browser.click("#zoom-in")
        self.assertLess(self.view()[2], moved[2] * 1.01)
        self.browser.click("#zoom-fit")
        whole = self.view()
        box = self.browser.ask("(() => { const b = document.querySelector('#picture').getBBox(); return [b.x, b.width]; })()")
        self.assertLessEqual(whole[0], box[0])
        self.assertGreaterEqual(whole[0] + whole[2], box[0] + box[1])
        self.browser.click(self.node("cuda_repo.ubuntu2004"))
        self.browser.ask("document.querySelector('#filter-text').value = 'libcudnn8'")
        self.browser.ask("document.querySelector('#filter-text').dispatchEvent(new Event('input'))")
        self.browser.click("#zoom-fit")
        self.assertLess(self.view()[2], whole[2], "what is not faded fills the frame")

    def test_light_and_dark_as_the_system_says_until_somebody_says_otherwise(self):
        paper = "getComputedStyle(document.body).backgroundColor"
        self.open(self.plan_page())
        light = self.browser.ask(paper)
        self.browser.click("#theme")
        dark = self.browser.ask(paper)
        self.assertNotEqual(light, dark)
        self.browser.click("#theme")
        self.assertEqual(self.browser.ask(paper), light)
        self.browser.ask("localStorage.clear()")
        self.open(self.plan_page(), dark=True)
        self.assertEqual(self.browser.ask(paper), dark)

    def test_a_narrow_screen_needs_no_scrolling_sideways(self):
        for page in (self.plan_page(), self.evil_plan(), *self.past_run_pages()):
            self.open(page, width=400, height=800)
            self.browser.ask("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            self.browser.settle()
            self.assertEqual(self.browser.ask("document.documentElement.scrollWidth"), 400, page)

    def test_without_script_everything_is_there(self):
        self.open(self.plan_page(), scripts=False)
        self.assertEqual(self.browser.ask("document.querySelector('.filter').offsetParent"), None)
        self.assertIn("venv.torch", self.shown())
        self.assertGreater(self.browser.ask("document.querySelector('.node rect').getBoundingClientRect().width"), 50)
        self.browser.click(self.node("venv.torch"))
        self.assertEqual(self.browser.ask("document.querySelector('.change[open] .address').textContent"), "venv.torch")

    def test_paper_shows_what_is_folded(self):
        self.open(self.plan_page())
        closed = "document.querySelectorAll('details:not([open])').length"
        before = self.browser.ask(closed)
        self.assertGreater(before, 0)
        self.browser.ask("window.dispatchEvent(new Event('beforeprint')), 1")
        self.assertEqual(self.browser.ask(closed), 0)
        self.browser.ask("window.dispatchEvent(new Event('afterprint')), 1")
        self.assertEqual(self.browser.ask(closed), before)


if __name__ == "__main__":
    if not browser.find_browser():
        print("no Chromium is installed: the pages are not opened")
        files = unittest.TestLoader().loadTestsFromTestCase(FilesTest)
        sys.exit(77 if unittest.TextTestRunner(verbosity=2).run(files).wasSuccessful() else 1)
    unittest.main(verbosity=2)
