"""Which of 7,400 areas does a river's flood touch? `Areas.touching` against geopandas.sjoin, and PostGIS where there is one.

The areas are made: nearest-point cells of 7,400 points, each border roughened to about 200 corners. The oracle asks
every area by itself.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bench.row import Row, Tell, row
from geo.areas import Areas

DEBIAN_EXTENSIONS = Path("/usr/share/postgresql")
COUNT = 7_400
ROUGHNESS_DEG = 0.002


def measure(quick: bool, tell: Tell) -> list[Row]:
    count = 1_000 if quick else COUNT
    shapes = roughened_cells(count)
    areas = Areas([f"{n:06d}" for n in range(len(shapes))], list(shapes), "bench")
    flood = river()
    runs = 5 if quick else 15
    truth = set(np.flatnonzero(shapely.intersects(shapes, flood)).tolist())
    areas.touching(shapely.from_wkb(shapely.to_wkb(flood)))
    with _server() as url:
        peers: dict[str, Callable[[], set[int]] | str] = {
            "area": _sjoin(shapes, flood),
            "area_postgis": _postgis(shapes, flood, url),
        }
        return [_compared(name, peer, areas, flood, truth, runs, len(shapes)) for name, peer in peers.items()]


def _compared(
    phase: str,
    peer: Callable[[], set[int]] | str,
    areas: Areas,
    flood: Any,
    truth: set[int],
    runs: int,
    count: int,
) -> Row:
    ours, theirs, wrong = [], [], ""
    for _ in range(runs):
        fresh = shapely.from_wkb(shapely.to_wkb(flood))  # nothing prepared from the run before
        start = time.perf_counter()
        found = areas.touching(fresh)
        ours.append(time.perf_counter() - start)
        if {int(code) for code in found} != truth:
            wrong = f"{len(found)} areas, one by one it is {len(truth)}"
    for _ in range(
        0 if isinstance(peer, str) else runs
    ):  # by itself: by turns each emptied the other's caches
        start = time.perf_counter()
        said = peer()  # type: ignore[operator]
        theirs.append(time.perf_counter() - start)
        if said != truth:
            wrong = wrong or f"the peer finds {len(said)} areas, one by one it is {len(truth)}"
    why = f"river of {shapely.get_num_coordinates(flood)} corners, {len(truth)} of {count} areas"
    target = "peer: geopandas.sjoin; target 1.5 ms and 8x" if phase == "area" else "peer: PostGIS"
    return row(
        phase, statistics.median(ours) * 1000, "ms", wrong=wrong,
        peer=statistics.median(theirs) * 1000 if theirs else None,
        why=f"{why}; {peer if isinstance(peer, str) else target}",
    )  # fmt: skip


def roughened_cells(count: int) -> Any:
    """Cells of random points over a box of Thailand's size; neighbours share each roughened border."""
    random = np.random.default_rng(7425)
    points = shapely.points(random.uniform(97.5, 105.5, count), random.uniform(6.0, 20.0, count))
    box = shapely.box(97.0, 5.5, 106.0, 20.5)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=box))
    cells = shapely.intersection(cells, box)
    length = float(np.median(shapely.length(cells)))
    fine = shapely.segmentize(cells, length / 190)

    def moved(xy: Any) -> Any:
        x, y = xy[:, 0], xy[:, 1]
        return np.column_stack(
            (x + ROUGHNESS_DEG * np.sin(800 * y + 300 * x), y + ROUGHNESS_DEG * np.cos(700 * x - 350 * y))
        )

    rough = shapely.transform(fine, moved)
    return np.where(shapely.is_valid(rough), rough, fine)


def river() -> Any:
    """A flood along a winding river, about 8 km wide and 900 km long."""
    along = np.linspace(0.0, 1.0, 280)
    x = 99.0 + 3.0 * along + 0.35 * np.sin(14 * along) + 0.05 * np.sin(90 * along)
    y = 18.5 - 8.0 * along + 0.2 * np.cos(17 * along)
    return shapely.LineString(np.column_stack((x, y))).buffer(0.04, quad_segs=2)


def _sjoin(shapes: Any, flood: Any) -> Callable[[], set[int]] | str:
    try:
        import geopandas
    except ImportError:
        return "no peer: geopandas is not installed"
    areas = geopandas.GeoDataFrame(geometry=shapes, crs=4326)
    _ = areas.sindex  # ours is built before, too
    water = geopandas.GeoDataFrame(geometry=[flood], crs=4326)
    return lambda: set(geopandas.sjoin(areas, water, predicate="intersects").index.tolist())


@contextmanager
def _server() -> Iterator[str | None]:
    """A server that may have PostGIS: the named one, else Debian's own where PostGIS is installed."""
    named = os.environ.get("RAKSA_BENCH_DATABASE_URL")
    if named or not list(DEBIAN_EXTENSIONS.glob("*/extension/postgis.control")):
        yield named
        return
    from tests.postgres import running

    with running("debian") as server:
        yield server.url


def _postgis(shapes: Any, flood: Any, url: str | None) -> Callable[[], set[int]] | str:
    import psycopg

    if not url:
        return "no peer: no PostGIS here (apt-get install postgresql-postgis); RAKSA_BENCH_DATABASE_URL names another server"
    connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except psycopg.Error:
        connection.close()
        return "no peer: PostGIS is not installed on that server"
    connection.execute("CREATE TEMP TABLE bench_area (n int, shape geometry)")
    with connection.cursor() as cursor, cursor.copy("COPY bench_area FROM STDIN") as copy:
        for n, shape in enumerate(shapes):
            copy.write_row((n, shapely.to_wkb(shape, hex=True)))
    connection.execute("CREATE INDEX ON bench_area USING gist (shape)")
    connection.execute("ANALYZE bench_area")
    asked, water = (
        "SELECT n FROM bench_area WHERE ST_Intersects(shape, %s::geometry)",
        shapely.to_wkb(flood, hex=True),
    )
    return lambda: {n for (n,) in connection.execute(asked, (water,))}
