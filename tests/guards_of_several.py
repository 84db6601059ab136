"""How the guards are taken away that stand between several people who use one app, and around visitors of a demo."""

from __future__ import annotations

from tests.removals import Instead, Removal, Swap

DOOR, HOMES, PROGRAMS, ADMINISTRATORS = (
    f"test_people_{name}" for name in ("door", "homes", "programs", "administrator")
)
LOBBY, BOUNDS, KEEPING = "test_demo_door", "test_demo_bounds", "test_demo_keeping"
BRINGING = "test_people_bringing"
ONE_HOME_FOR_ALL = Swap(
    "ui/people/gate.py",
    "scope[PERSON], scope[HOME] = person, settle(person)",
    "scope[PERSON], scope[HOME] = person, home.of_person(NOBODY)",
)

#: As ``tests.guards.REMOVALS``.
OF_SEVERAL: dict[str, tuple[Removal, ...]] = {
    f"{HOMES}::test_nobody_sees_the_runs_of_another": (Instead("core/home.py", "home", "return root()"),),
    f"{HOMES}::test_uploads_models_and_files_of_another_cannot_be_named": (
        Instead("core/home.py", "may_name", "return True"),
    ),
    f"{DOOR}::test_each_sees_their_own_until_they_leave": (ONE_HOME_FOR_ALL,),
    f"{DOOR}::test_nothing_answers_whoever_is_not_signed_in": (
        Swap(
            "ui/people/gate.py",
            "await _refusal(scope, path)(scope, receive, send)",
            "await self.app(scope, receive, send)",
        ),
    ),
    f"{DOOR}::test_signing_in": (Instead("core/people/slowing.py", "Slowing.take", "return 0.0"),),
    f"{DOOR}::test_the_password_file": (
        Swap("core/people/listed.py", "os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600", "os.O_WRONLY | os.O_CREAT, 0o644"),
    ),
    f"{BRINGING}::test_what_somebody_brings_counts_for_them_alone": (
        Instead("core/people/brought.py", "Brought.take"),
    ),
    f"{BRINGING}::test_a_file_that_does_not_come_whole_is_gone": (
        Swap("ui/uploads.py", "raise MultiPartException(exc.title) from exc", "raise"),
    ),
    f"{BRINGING}::test_the_disk_is_looked_at_while_a_file_comes": (
        Swap("ui/bodies.py", "if before // _LOOKED_AT != self._taken // _LOOKED_AT:", "if False:"),
    ),
    "test_models_access::test_what_one_person_downloaded_is_not_shown_to_another": (
        Instead("core/models/access.py", "need_access"),
    ),
    "test_hub_signed_in::test_private_data_on_this_machine_is_shown_to_those_who_may_see_it_alone": (
        Instead("core/data/hub/access.py", "need_access"),
    ),
    "test_people_sharing::test_a_link_opens_one_run_to_be_read": (
        Swap("ui/people/shared.py", "_READ.fullmatch(", "re.fullmatch('.*', "),
    ),
    "test_people_sharing::test_a_link_cannot_be_made_up": (
        Swap("core/people/sharing.py", " and hmac.compare_digest(kept, _mark(token))"),
    ),
    "test_space::test_a_space_without_a_login_does_not_open": (
        Instead("core/space.py", "mode", 'raise ConfigError("It opens.")'),
    ),
    "test_people_pace::test_who_asks_without_end_waits_and_nobody_else_does": (
        Instead("core/people/pace.py", "Pace.take", "return 0.0"),
    ),
    "test_people_pace::test_on_a_space_people_are_told_apart_behind_its_proxies": (
        Swap("ui/people/entry.py", 'for one in reversed(told.split(",")):', 'for one in told.split(","):'),
    ),
    "test_people_pace::test_behind_a_proxy_of_ones_own_people_are_told_apart": (
        Swap("docs/hosting.md", "        proxy_set_header X-Forwarded-For $remote_addr;\n"),
    ),
    f"{PROGRAMS}::test_wrong_tokens_wait_and_right_ones_do_not": (
        Swap("ui/people/gate.py", "wait = self.entry.by_program.take(address(scope))", "wait = 0"),
    ),
    f"{PROGRAMS}::test_only_a_hash_of_a_token_is_kept": (
        Swap("core/people/tokens.py", '"hash": _mark(secret),', '"hash": _mark(secret), "shown": secret,'),
    ),
    f"{PROGRAMS}::test_a_token_opens_what_is_there_for_programs_and_one_home": (
        Swap("ui/people/gate.py", 'path != "/config" and not path.startswith(FOR_PROGRAMS)', "False"),
    ),
    f"{PROGRAMS}::test_assistants_come_in_with_a_token_each_into_one_home": (ONE_HOME_FOR_ALL,),
    f"{PROGRAMS}::test_only_a_page_of_the_app_can_make_a_token": (
        Instead("ui/origins.py", "is_foreign", "return False"),
    ),
    f"{PROGRAMS}::test_what_people_do_stands_in_the_log": (Instead("core/people/audit.py", "note"),),
    f"{PROGRAMS}::test_the_log_has_an_end": (Instead("core/people/audit.py", "_turn"),),
    f"{PROGRAMS}::test_a_log_that_cannot_be_written_is_said": (
        Swap(
            "core/people/audit.py",
            "        except OSError as exc:\n            _trouble =",
            "        except OSError as exc:\n            return\n            _trouble =",
        ),
    ),
    f"{ADMINISTRATORS}::test_nobody_else_comes_to_any_of_its_addresses": (
        Swap("ui/people/gate.py", "and not person.is_admin:", "and False:"),
    ),
    f"{ADMINISTRATORS}::test_it_tells_names_and_figures_and_no_more": (
        Swap("core/people/looking_after.py", "        name=name,\n", '        name=f"{name} in {run.path}",\n'),
    ),
    f"{ADMINISTRATORS}::test_what_is_thrown_away_or_old_is_removed": (
        Swap(
            "core/people/looking_after.py",
            "if any(state_of(run) in (State.RUNNING, State.QUEUED) for run in runs_in(place)):",
            "if False:",
        ),
    ),
    f"{ADMINISTRATORS}::test_runs_are_stopped_and_moved_to_the_front": (
        Instead(
            "core/people/looking_after.py",
            "_find",
            "return next((run, Person(key, key, 'password')) for run in everyones_runs() if run.id == run_id)",
        ),
    ),
    f"{ADMINISTRATORS}::test_nothing_is_done_that_cannot_be_noted": (
        Swap("core/people/audit.py", "            if strictly:\n", "            if False:\n"),
    ),
    f"{ADMINISTRATORS}::test_the_log_is_read_by_pages_and_taken_away_without_formulas": (
        Instead("core/data/writers.py", "harmless_name", "return name"),
    ),
    f"{LOBBY}::test_a_cookie_lets_in_and_cannot_be_made_up": (
        Swap("core/people/visits.py", " or not hmac.compare_digest(found[2], self._mark(found[1]))"),
    ),
    f"{LOBBY}::test_each_has_a_home_from_the_first_thing_that_they_make": (
        Swap("ui/people/lobby.py", "place = home.of_visitor(person.key)", 'place = home.of_visitor("visitor-all")'),
    ),
    f"{LOBBY}::test_shown_runs_are_read_by_all_and_changed_by_none": (
        Swap("core/demo/studio.py", "    if _name in LENT:", "    if _name in LENT | OPEN:"),
    ),
    f"{LOBBY}::test_programs_have_the_same_bounds": (Instead("core/demo/bounds.py", "need_allowed"),),
    f"{BOUNDS}::test_what_is_too_much_is_refused_with_what_to_do": (Instead("core/demo/bounds.py", "need_allowed"),),
    f"{BOUNDS}::test_whatever_is_not_opened_is_closed": (
        Swap("core/demo/studio.py", "    elif _name not in OPEN:", "    elif False:"),
    ),
    f"{KEEPING}::test_an_hour_after_the_last_thing_all_is_removed_and_nothing_else": (
        Instead("core/demo/keeping.py", "remove"),
    ),
    f"{KEEPING}::test_a_training_that_takes_too_long_keeps_its_model_and_says_why": (
        Instead("core/demo/sweeper.py", "_bound"),
    ),
    "test_people_quotas::test_the_full_queue_says_when": (Instead("core/queue.py", "need_place"),),
    "test_people_quotas::test_no_more_runs_wait_than_may": (Instead("core/people/quotas.py", "need_place"),),
    "test_people_quotas::test_what_is_kept_counts_for_the_disk": (Instead("core/people/quotas.py", "need_disk"),),
    "test_people_quotas::test_only_so_many_go_on_at_a_time_and_others_pass_them": (
        Instead("core/people/quotas.py", "held_back", 'return ""'),
    ),
    "test_people_quotas::test_a_run_that_comes_to_a_limit_is_stopped_with_its_model": (
        Instead("core/people/warden.py", "Warden.look"),
    ),
}
