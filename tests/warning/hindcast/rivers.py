"""Small rivers made for tests: a file of a gauge, and a study over it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from warning.hindcast.channel import Channel

START = datetime(2025, 11, 1)


def channel(values: Sequence[float], step_h: float = 1.0, quantity: str = "stage") -> Channel:
    at = np.arange(len(values)) * step_h * 3600.0
    return Channel("X.1", quantity, "m", at, np.array(values, float))


def gauge_file(folder: Path, values: Sequence[float | None], step_min: int = 60, name: str = "gauge.csv",
               rain: Sequence[float] | None = None) -> Path:  # fmt: skip
    rows = ["time,stage" + (",rain" if rain is not None else "")]
    for nth, value in enumerate(values):
        at = (START + timedelta(minutes=step_min * nth)).isoformat(sep=" ")
        fell = f",{rain[nth]:.1f}" if rain is not None else ""
        rows.append(f"{at},{'' if value is None else f'{value:.3f}'}{fell}")
    path = folder / name
    path.write_text("\n".join(rows) + "\n")
    return path


def a_file(name: str = "gauge.csv", *, rain: bool = False) -> dict[str, Any]:
    columns = {"stage": {"station": "X.1", "quantity": "stage", "unit": "m"}}
    if rain:
        columns["rain"] = {"station": "R.1", "quantity": "rain_1h", "unit": "mm"}
    return {"file": name, "time": "time", "timezone": "Asia/Bangkok", "columns": columns}


def study_file(folder: Path, line: float = 3.0, *, rain: bool = False, **more: Any) -> Path:
    study = {
        "series": [a_file(rain=rain)],
        "truth": {"station": "X.1", "quantity": "stage", "at_or_above": line, "separate": "PT24H"},
    }
    study |= more
    if "rules" not in study:
        study.setdefault("method", "threshold")
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in study.items() if v is not None}))
    return path
