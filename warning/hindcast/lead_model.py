"""How high the water will probably stand in some hours, and how sure that is: from the rises that earlier rows led to.

The expected rise is the mean of two well-kept estimators that fail in different ways: extremely randomised trees (the most alike
of the earlier rows; never beyond what was seen) and a ridge regression (rain x wetness and rise, which may go beyond).
The doubt is what they were wrong by on blocks of days they had not seen, by the trees again.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from warning.hindcast.channel import Floats
from warning.hindcast.lead_features import Looked, Stirring, highest_ahead, stirring
from warning.hindcast.match import Bools

FOLDS = 4
TREES = 120
_BLOCK_S = 15 * 86400.0
_MOST_ROWS = 12_000
_TO_SIGMA = 1.2533  # of a mean absolute error, where errors are normal: sqrt(pi/2)
LEAST_ROWS = 150


@dataclass(frozen=True)
class Expectation:
    """Learned for one look-ahead."""

    ahead_s: float
    stirring: Stirring
    trees: Any
    ridge: Any
    doubt: Any
    least_doubt: float

    def expect(self, looked: Looked, rows: Bools) -> tuple[Floats, Floats]:
        """The expected highest level and its standard error, at each row; -inf and 1 where nothing stirs."""
        highest, error = np.full(len(looked.at), -np.inf), np.ones(len(looked.at))
        if rows.any():
            table = looked.table[rows]
            up = _both(self.trees, self.ridge, looked, rows)
            highest[rows] = looked.level[rows] + up
            error[rows] = np.maximum(
                self.doubt.predict(np.column_stack([table, up])) * _TO_SIGMA, self.least_doubt
            )
        return highest, error


class Learned(NamedTuple):
    """expected, error: of the earlier rows themselves, by models that had not seen their days (to set the policy by)."""

    model: Expectation
    expected: Floats
    error: Floats


def learn(
    looked: Looked,
    line: float,
    ahead_s: float,
    until: float = np.inf,
    folds: int = FOLDS,
    trees: int | None = None,
) -> Learned | None:
    """From rows whose look-ahead ends by `until`; None where too few are left to learn from."""
    trees = trees or TREES
    early = looked.at + ahead_s <= until
    if not (early & np.isfinite(looked.level)).any():
        return None
    cut = looked._replace(at=looked.at[early], level=looked.level[early], table=looked.table[early])
    stir = stirring(cut, line)
    up = highest_ahead(cut, ahead_s) - cut.level
    rows = stir.rows(cut) & np.isfinite(up)
    rows = _thinned(rows, cut)
    if rows.sum() < LEAST_ROWS:
        return None
    weight = _weight(cut, line)
    expected = np.full(len(cut.at), np.nan)
    fold = ((cut.at // _BLOCK_S).astype(np.int64) * 7919) % folds
    judged = stir.rows(cut)
    for k in range(folds):
        seen, unseen = rows & (fold != k), judged & (fold == k)
        if unseen.any() and seen.sum() >= LEAST_ROWS // 2:
            expected[unseen] = _both(*_fit(cut, seen, up, weight, trees), cut, unseen)
    wrong = np.abs(up - expected)
    known = rows & np.isfinite(wrong)
    if known.sum() < LEAST_ROWS // 2:
        return None
    asked = np.column_stack([cut.table, np.nan_to_num(expected)])
    error = np.ones(len(cut.at))
    for k in range(folds):
        seen, unseen = known & (fold != k), judged & (fold == k)
        if unseen.any() and seen.any():
            error[unseen] = _doubter(asked[seen], wrong[seen], weight[seen]).predict(asked[unseen])
    doubt = _doubter(asked[known], wrong[known], weight[known])
    least = 0.01 * max(line - float(np.nanmedian(cut.level)), 1e-9)
    model = Expectation(ahead_s, stir, *_fit(cut, rows, up, weight, trees), doubt, least)
    highest = np.where(np.isfinite(expected), cut.level + np.nan_to_num(expected), -np.inf)
    return Learned(model, highest, np.maximum(error * _TO_SIGMA, least))


def _thinned(rows: Bools, looked: Looked) -> Bools:
    """Readings closer than a unit say the same again; and beyond some thousands more rows teach little."""
    every = max(1, round(looked.unit_s / looked.step))
    every *= max(1, -(-int(rows.sum()) // every // _MOST_ROWS))
    return rows & (np.arange(len(rows)) % every == 0) if every > 1 else rows


def _weight(looked: Looked, line: float) -> Floats:
    usual = float(np.nanmedian(looked.level))
    high = np.clip((looked.level - usual) / max(line - usual, 1e-9), 0, 2)
    found: Floats = 0.1 + np.clip(looked.of("rain_24"), 0, 60) / 20 + 2 * np.nan_to_num(high)
    return found


def _fit(looked: Looked, rows: Bools, up: Floats, weight: Floats, count: int) -> tuple[Any, Any]:
    from sklearn.ensemble import ExtraTreesRegressor  # slow to import, and for this method only
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    trees = ExtraTreesRegressor(count, min_samples_leaf=3, max_features=0.7, random_state=0)
    trees.fit(looked.table[rows], up[rows], sample_weight=weight[rows])
    ridge = make_pipeline(StandardScaler(), RidgeCV(np.logspace(0, 4, 9)))
    ridge.fit(_products(looked)[rows], up[rows], ridgecv__sample_weight=weight[rows])
    return trees, ridge


def _doubter(asked: Floats, wrong: Floats, weight: Floats) -> Any:
    from sklearn.ensemble import ExtraTreesRegressor

    trees = ExtraTreesRegressor(60, min_samples_leaf=15, max_features=0.5, random_state=1)
    return trees.fit(asked, wrong, sample_weight=weight)


def _both(trees: Any, ridge: Any, looked: Looked, rows: Bools) -> Floats:
    part = looked._replace(at=looked.at[rows], level=looked.level[rows], table=looked.table[rows])
    found: Floats = (trees.predict(part.table) + ridge.predict(_products(part))) / 2
    return found


def _products(looked: Looked) -> Floats:
    """Rain that falls on a wet catchment or a high river raises it more."""
    level, wet = looked.of("level"), np.clip(looked.of("rain_72") / 100, 0, 2)
    columns = [
        level,
        level * level,
        *(looked.of(f"rise_{k}") for k in (1, 2, 3, 6)),
        looked.of("rise_1") * level,
    ]
    rains = ("rain_1", "rain_2", "rain_3", "rain_6", "rain_12", "rain_24", "most_1", "most_3", "most_6",
             "store_2", "store_4", "store_8", "store_16")  # fmt: skip
    for name in rains:
        if name in looked.names:
            fell = looked.of(name)
            columns += [fell, fell * level, fell * wet]
    if "rain_72" in looked.names:
        columns += [looked.of("rain_72"), looked.of("rain_168"), looked.of("store_4") ** 2 / 50]
    columns += [looked.of(n) for n in looked.names if " " in n]  # of other stations
    return np.column_stack(columns)
