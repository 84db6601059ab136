"""How each guard of ``SECURITY.md`` is taken away, so that the test which watches it can be seen to fail.

``python -m tests.unguarded`` does it, in a copy of the program.
"""

from __future__ import annotations

from tests.guards_of_several import OF_SEVERAL
from tests.removals import Instead, Removal, Swap

DOM = Swap(
    "assets/static/dom.js",
    "  node.append(...children.flat(Infinity).filter("
    "(child) => child !== null && child !== undefined && child !== false));",
    "  for (const child of children.flat(Infinity)) {\n"
    '    if (typeof child === "string") node.insertAdjacentHTML("beforeend", child);\n'
    "    else if (child !== null && child !== undefined && child !== false) node.append(child);\n  }",
)
KEPT_TOKEN = Instead(
    "core/hub/identity.py",
    "Identity.as_record",
    "from core import home; (home.logs_dir() / 'noted.log').write_text(self.secret)",
)
SERVER, FILES = "test_safe_server", "test_safe_files"

#: By test, without ``tests/`` and ``.py``: what is taken away for it.
REMOVALS: dict[str, tuple[Removal, ...]] = {
    f"{FILES}::test_an_id_opens_no_folder_beside_the_runs": (Instead("core/runs.py", "is_id", "return True"),),
    "test_ui_shell::test_nothing_else_is_given": (
        Swap("ui/api.py", "if not path.is_file() or path.is_symlink() or folder.is_symlink():", "if False:"),
    ),
    "test_data_packed::test_nothing_gets_out_of_its_folder": (
        Swap(
            "core/data/archives.py",
            'if not name.parts or name.is_absolute() or ".." in name.parts or on_a_drive:',
            "if False:",
        ),
    ),
    f"{FILES}::test_links_in_a_zip_are_refused": (
        Swap("core/data/archives.py", "if any(stat.S_ISLNK(", "if False and any(stat.S_ISLNK("),
    ),
    f"{FILES}::test_links_in_a_copied_run_lead_nowhere": (
        Swap("core/publishing/checked.py", "item.content.is_symlink()", "False"),
        Swap("core/studio.py", "path.is_file() and not path.is_symlink()", "path.is_file()"),
    ),
    f"{SERVER}::test_no_file_of_the_machine_is_served": (
        Swap("ui/shell.py", "share=False,", 'share=False, allowed_paths=["/"],'),
    ),
    f"{SERVER}::test_an_event_takes_no_file_that_was_not_uploaded": (
        Instead("ui/bodies.py", "names_a_file_on_the_web", "return False"),
    ),
    f"{SERVER}::test_the_app_fetches_nothing_for_a_visitor": (
        Swap("ui/bodies.py", 'if _FETCHED.search(scope["path"]):', "if False:"),
    ),
    "test_safe_doors::test_doors_that_no_page_goes_through_are_shut": (
        Swap("ui/closed.py", '_CLOSED.match(scope["path"])', "False"),
    ),
    "test_ui_new_run_data::test_nobody_else_may_name_a_second_file_of_this_machine": (
        Instead("ui/new_run/from_files.py", "may_ask", "return may_open(studio, asked.source, local)"),
    ),
    "test_ui_visitors::test_where_a_proxy_shows_the_app_nobody_is_local": (
        Swap("ui/visitors.py", "self.private and _came_directly(scope)", "True"),
    ),
    f"{SERVER}::test_a_page_of_another_site_can_neither_change_nor_read": (
        Instead("ui/origins.py", "is_foreign", "return False"),
    ),
    f"{SERVER}::test_a_foreign_name_is_not_answered_on_loopback": (
        Instead("ui/origins.py", "Names.knows", "return True"),
    ),
    f"{SERVER}::test_names_where_the_app_listens_to_the_network": (
        Instead("ui/origins.py", "Names.knows", "return True"),
    ),
    f"{SERVER}::test_every_answer_tells_the_browser_what_to_forbid": (
        Swap("ui/headers.py", '"headers": [*kept, *added]', '"headers": kept'),
    ),
    "test_safe_browser::test_words_of_others_stay_words_on_every_page": (DOM,),
    "test_ui_shell::test_scripts_never_turn_data_into_html": (DOM,),
    "test_ui_widgets::test_what_a_model_answers_is_never_html": (
        Swap("ui/answers.py", "from html import escape", "escape = str"),
    ),
    f"{SERVER}::test_a_file_that_somebody_brought_is_never_shown_as_a_page": (
        Swap("ui/headers.py", "_ALONE if is_file else self._policy", "self._policy"),
    ),
    f"{FILES}::test_what_a_spreadsheet_would_reckon_stays_a_text": (
        Instead("core/data/writers.py", "_harmless", "return column"),
    ),
    "test_permissions::test_folders_are_refused_until_they_are_allowed": (
        Instead("core/models/checkpoints.py", "check", "return folder"),
    ),
    f"{FILES}::test_processes_of_the_app_read_numbers_alone": (
        Swap("core/spares.py", '**({} if allows("bin") else {_NUMBERS_ALONE: "1"}),'),
        Swap("core/spares.py", "if name != _PROGRAMS_TOO"),
    ),
    "test_architecture::test_no_door_for_foreign_code": (
        Instead("core/runs.py", "is_id", "import pickle; pickle.loads(text.encode())"),
    ),
    "test_permissions::test_no_config_and_no_page_can_allow_it": (
        Swap("ui/headers.py", "import os\n", "import os\nimport core.permissions\n"),
    ),
    "test_publishing::test_nothing_private_and_nothing_dangerous_leaves": (
        Instead("core/publishing/checked.py", "check"),
    ),
    f"{FILES}::test_yaml_that_means_harm_is_refused": (
        Swap("core/plain_yaml.py", 'getattr(yaml, "CSafeLoader", yaml.SafeLoader)', "yaml.UnsafeLoader"),
    ),
    f"{FILES}::test_the_card_of_a_model_is_no_bomb": (
        Swap("core/plain_yaml.py", "counted > MOST_VALUES", "False"),
        Swap("core/plain_yaml.py", "len(text) > LONGEST", "False"),
    ),
    "test_data_packed::test_what_swells_without_end_is_stopped_early": (
        Instead("core/data/unpacking.py", "Guard.add"),
        Instead("core/data/unpacking.py", "need_honest"),
    ),
    "test_data_workbooks::test_a_lone_cell_far_away_is_an_error_and_not_the_end_of_the_memory": (
        Instead("core/data/workbook_parts.py", "extents", "return {}"),
    ),
    "test_data_workbooks::test_a_workbook_that_its_reader_does_not_survive_is_an_error": (
        Instead(
            "core/data/workbook_child.py",
            "import_workbook",
            "return read_workbook(path, target, progress or (lambda part, words: None), chosen)",
        ),
    ),
    f"{FILES}::test_one_long_value_named_by_many_rows_is_no_bomb": (
        Instead("core/data/parquet_room.py", "batches", "yield from file.iter_batches(BATCH_ROWS); return"),
    ),
    f"{FILES}::test_parquet_that_swells_is_refused": (
        Instead("core/data/parquet_room.py", "batches", "yield from file.iter_batches(BATCH_ROWS); return"),
    ),
    "test_data_written::test_files_that_go_too_deep_are_refused_in_words": (
        Instead("core/data/written.py", "is_too_deep", "return False"),
    ),
    "test_data_written::test_no_reader_of_cells_ends_over_it": (
        Instead("core/data/written.py", "is_too_deep", "return False"),
    ),
    f"{FILES}::test_a_dataset_is_made_of_its_own_files": (Instead("core/data/hub/staying.py", "need_inside"),),
    f"{FILES}::test_an_id_is_a_name_and_nothing_else": (
        Instead("core/models/hub.py", "looks_like_id", "return True"),
        Instead("core/data/hub/places.py", "repo_of", "return origin.repo"),
    ),
    f"{FILES}::test_what_is_told_goes_to_the_public_web": (Instead("core/outside.py", "need_outside"),),
    f"{FILES}::test_an_address_of_the_house_is_refused_before_the_start": (Instead("core/outside.py", "need_outside"),),
    f"{FILES}::test_the_connection_goes_to_what_was_looked_at": (
        Instead("core/outside.py", "opener", "return urllib.request.build_opener(_Straight)"),
    ),
    "test_notifying::test_that_fails_is_said_without_its_path": (
        Swap("core/outside.py", "_Https, _Straight)", "_Https)"),
    ),
    "test_notifying::test_is_run_only_where_it_was_allowed": (Instead("core/permissions.py", "allows", "return True"),),
    f"{SERVER}::test_too_much_is_refused_with_the_limit_and_what_to_do": (
        Instead("ui/bodies.py", "_Body._need_small"),
    ),
    f"{FILES}::test_a_start_and_an_upload_need_room": (Instead("core/ceilings.py", "need_room"),),
    f"{FILES}::test_a_table_beyond_the_limits_is_refused": (Instead("core/data/arrow_files.py", "_need_fewer"),),
    f"{FILES}::test_a_cell_beyond_the_limit_is_refused": (Instead("core/data/arrow_files.py", "_need_short_cells"),),
    f"{SERVER}::test_a_client_that_stands_still_is_sent_away": (
        Swap("ui/bodies.py", "await asyncio.wait_for(self._receive(), self._idle_seconds)", "await self._receive()"),
    ),
    f"{SERVER}::test_many_requests_are_answered_and_the_queue_has_an_end": (
        Swap("ui/shell.py", "demo.queue(max_size=64,", "demo.queue(max_size=None,"),
    ),
    f"{SERVER}::test_pages_that_nobody_looks_at_are_forgotten": (
        Swap("ui/shell.py", 'state_session_capacity=ceilings.most("pages"),'),
    ),
    f"{FILES}::test_what_people_type_is_never_a_pattern": (
        Instead("core/run_list.py", "_fits", "import re; return any(re.search(word[:4], line.name) for word in words)"),
    ),
    "test_errors::test_no_part_of_an_error_repeats_a_token": (Instead("core/redaction.py", "redacted", "return text"),),
    "test_training_pushing::test_nothing_holds_the_token": (KEPT_TOKEN,),
    "test_round_trip::test_a_model_goes_round_and_nobody_sees_the_token": (KEPT_TOKEN,),
    "test_hub_signed_in::test_a_run_is_trained_with_a_pasted_token_which_is_found_nowhere": (KEPT_TOKEN,),
    "test_publishing_push::test_the_token_is_nowhere_but_in_the_question_and_only_one_attempt_goes_on": (
        Swap(
            "core/publishing/publications.py",
            "{**environment(), **QUIET}",
            '{**environment(), **QUIET, "HF_TOKEN": self._asker.secret}',
        ),
    ),
    "test_cli_push::test_a_token_is_no_argument": (
        Instead("core/push_command.py", "add", 'parser.add_argument("--token")'),
    ),
    "test_ui_account_browser::test_a_stranger_never_asks_with_the_machines_token": (
        Instead("ui/signing.py", "identity_of", "from core.hub.identity import MACHINE; return MACHINE"),
    ),
    "test_safe_packages::test_every_pinned_package_is_listed_with_a_licence_that_allows_its_use": (
        Swap("docs/licences.md", "| torch | 2.13.0 |", "| torch | 2.12.0 |"),
    ),
    "test_keeping_hostile::test_what_was_changed_there_is_refused": (
        Swap("core/keeping/contents.py", "note is None or note.run != run_id", "note is None"),
    ),
    "test_keeping_hostile::test_what_steers_a_run_hides_code_or_leads_elsewhere_is_never_kept": (
        Instead("core/keeping/contents.py", "is_kept", "return True"),
    ),
    "test_keeping_hostile::test_a_folder_that_could_do_harm_is_refused_even_with_a_note_that_fits": (
        Instead("core/keeping/fetching.py", "need_sound"),
    ),
    "test_keeping_hostile::test_in_a_team_a_run_that_names_files_of_others_is_refused": (
        Swap("core/keeping/fetching.py", "    confined(run.config)\n"),
    ),
    "test_keeping::test_a_public_repository_of_that_name_gets_nothing": (
        Instead("core/keeping/sending.py", "need_private"),
    ),
    "test_jobs_pieces::TestWhatItCosts": (Instead("core/jobs/agreement.py", "need"),),
    "test_jobs::test_a_hub_that_cannot_be_asked_hides_no_cost_and_keeping_nothing_gives_the_machine_back": (
        Instead("core/jobs/record.py", "is_open", "return False"),
    ),
    "test_jobs::test_another_process_goes_on_where_one_was_killed": (
        Instead("core/jobs/record.py", "is_open", "return False"),
    ),
    "test_jobs::test_a_repository_that_is_not_private_gets_nothing": (
        Instead("core/jobs/renting.py", "Renting.need_private"),
    ),
    "test_jobs::test_a_stop_is_handed_on_though_the_stream_breaks_off_and_the_token_is_nowhere": (
        Swap("core/jobs/renting.py", '"TUNESMITH_REPO": job.repo,', '"TUNESMITH_REPO": job.repo, "HF_TOKEN": token,'),
    ),
    "test_jobs_pieces::TestWhatComesBack": (Instead("core/jobs/results.py", "_is_expected", "return True"),),
    "test_jobs_pieces::test_a_repository_that_was_not_made_for_the_run_is_never_deleted": (
        Swap("core/job_room.py", "if not re.fullmatch(", "if False and not re.fullmatch("),
    ),
    **OF_SEVERAL,
}

#: By test: why nothing of this program can be taken away for it.
NOT_OURS = {
    f"{SERVER}::test_the_name_of_an_upload_leads_nowhere": "Gradio cleans the name before the program sees it",
    f"{SERVER}::test_deep_json_is_answered": "the parser of JSON stops by itself",
}
