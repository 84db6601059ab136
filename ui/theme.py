"""Colours, type and shapes of Gradio's own components; the rest of the look is ``assets/static/tunesmith.css``."""

from __future__ import annotations

import gradio as gr


class Tunesmith(gr.themes.Base):
    """Quiet slate with indigo. Every pair of text and ground has a contrast of at least 4.5 to 1, light and dark."""

    def __init__(self) -> None:
        super().__init__(
            primary_hue=gr.themes.colors.indigo,
            secondary_hue=gr.themes.colors.indigo,
            neutral_hue=gr.themes.colors.slate,
            radius_size=gr.themes.sizes.radius_lg,
            # The bundled SemiBold has no Latin letters, so bold stands for every heavier weight.
            font=(gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "ui-sans-serif", "system-ui", "sans-serif"),
            font_mono=(gr.themes.LocalFont("IBM Plex Mono", weights=(400,)), "ui-monospace", "Consolas", "monospace"),
        )
        self.name = "tunesmith"
        self._grounds()
        self._words()
        self._buttons()
        self._fields()

    def _grounds(self) -> None:
        super().set(
            body_background_fill="*neutral_50",
            body_background_fill_dark="#0a0f1c",
            background_fill_primary="white",
            background_fill_primary_dark="#0f172a",
            background_fill_secondary="*neutral_50",
            background_fill_secondary_dark="#0a0f1c",
            block_background_fill="white",
            block_background_fill_dark="#0f172a",
            block_border_color="*neutral_200",
            block_border_color_dark="#334155",
            border_color_primary="*neutral_200",
            border_color_primary_dark="#334155",
            block_border_width="1px",
            block_shadow="0 1px 2px rgb(15 23 42 / 0.05)",
            block_shadow_dark="none",
            block_radius="14px",
            panel_background_fill="transparent",
            panel_background_fill_dark="transparent",
        )

    def _words(self) -> None:
        super().set(
            body_text_color="*neutral_800",
            body_text_color_dark="*neutral_100",
            body_text_color_subdued="*neutral_600",
            body_text_color_subdued_dark="*neutral_400",
            block_label_background_fill="transparent",
            block_label_background_fill_dark="transparent",
            block_label_border_width="0",
            block_label_text_color="*neutral_700",
            block_label_text_color_dark="*neutral_300",
            block_title_text_color="*neutral_800",
            block_title_text_color_dark="*neutral_100",
            block_title_text_weight="700",
            block_title_background_fill="transparent",
            block_info_text_color="*neutral_600",
            block_info_text_color_dark="*neutral_400",
            link_text_color="*primary_700",
            link_text_color_dark="*primary_300",
            link_text_color_hover="*primary_800",
            link_text_color_hover_dark="*primary_200",
            link_text_color_visited="*primary_700",
            link_text_color_visited_dark="*primary_300",
            color_accent_soft="*primary_50",
            color_accent_soft_dark="#1e1b4b",
        )

    def _buttons(self) -> None:
        super().set(
            button_border_width="1px",
            button_large_radius="10px",
            button_medium_radius="10px",
            button_small_radius="8px",
            button_large_text_weight="700",
            button_medium_text_weight="700",
            button_small_text_weight="700",
            button_transform_active="none",
            button_primary_background_fill="*primary_600",
            button_primary_background_fill_dark="*primary_600",
            button_primary_background_fill_hover="*primary_700",
            button_primary_background_fill_hover_dark="*primary_700",
            button_primary_border_color="*primary_600",
            button_primary_border_color_dark="*primary_600",
            button_primary_text_color="white",
            button_primary_text_color_dark="white",
            button_secondary_background_fill="white",
            button_secondary_background_fill_dark="#1e293b",
            button_secondary_background_fill_hover="*neutral_100",
            button_secondary_background_fill_hover_dark="#334155",
            button_secondary_border_color="*neutral_300",
            button_secondary_border_color_dark="#475569",
            button_secondary_text_color="*neutral_800",
            button_secondary_text_color_dark="*neutral_100",
            button_cancel_background_fill="#b91c1c",
            button_cancel_background_fill_dark="#b91c1c",
            button_cancel_background_fill_hover="#991b1b",
            button_cancel_background_fill_hover_dark="#dc2626",
            button_cancel_border_color="#b91c1c",
            button_cancel_border_color_dark="#b91c1c",
            button_cancel_text_color="white",
            button_cancel_text_color_dark="white",
        )

    def _fields(self) -> None:
        super().set(
            input_background_fill="white",
            input_background_fill_dark="#0a0f1c",
            input_border_color="*neutral_300",
            input_border_color_dark="#475569",
            input_border_width="1px",
            input_border_color_focus="*primary_600",
            input_border_color_focus_dark="*primary_400",
            input_shadow_focus="0 0 0 3px rgb(99 102 241 / 0.25)",
            input_shadow_focus_dark="0 0 0 3px rgb(129 140 248 / 0.35)",
            input_placeholder_color="*neutral_500",
            input_placeholder_color_dark="*neutral_400",
            input_radius="10px",
            slider_color="*primary_600",
            slider_color_dark="*primary_400",
            checkbox_background_color_selected="*primary_600",
            checkbox_background_color_selected_dark="*primary_500",
            checkbox_border_color_selected="*primary_600",
            checkbox_border_color_selected_dark="*primary_500",
            checkbox_label_background_fill_selected="*primary_50",
            checkbox_label_background_fill_selected_dark="#1e1b4b",
            checkbox_label_text_color_selected="*primary_800",
            checkbox_label_text_color_selected_dark="*primary_200",
            checkbox_label_border_color_selected="*primary_600",
            checkbox_label_border_color_selected_dark="*primary_400",
            table_border_color="*neutral_200",
            table_border_color_dark="#334155",
            table_even_background_fill="white",
            table_even_background_fill_dark="#0f172a",
            table_odd_background_fill="*neutral_50",
            table_odd_background_fill_dark="#131c31",
            loader_color="*primary_600",
            loader_color_dark="*primary_300",
        )
