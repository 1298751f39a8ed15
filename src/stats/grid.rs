//! Cells of equal height and nearly equal width, for "was there ever an event here?".

use super::error::StatsError;
use super::geodesic::{MEAN_RADIUS_KM, Position};

/// A division of the earth into rows of latitude and, within each row, columns.
///
/// # Formula
/// ```text
/// rows    = round(π R / cell_km)                     from the south pole, row 0, northwards
/// columns = max(1, round(2 π R cos φ / cell_km))     in a row whose middle latitude is φ
/// row     = floor((latitude + 90) / 180 · rows)
/// column  = floor((longitude + 180) / 360 · columns)
/// ```
///
/// # Units and shape
/// `cell_km` is the wanted edge. Rounding to whole rows and columns keeps the edges within 2 % of it
/// away from the poles for cells up to 100 km. Cells tile the earth without a seam: the antimeridian is
/// an edge between two columns, not a gap.
///
/// # Missing and degenerate values
/// Each position lies in exactly one cell; a point on an edge belongs to the cell north or east of
/// it. Two events some metres apart may lie in two cells: that is what a grid does, and why the new-ground
/// measure states its grid.
///
/// # Errors
/// [`StatsError::OutOfRange`] for edges below 0.1 km or above 5,000 km.
///
/// # Source
/// The sinusoidal grid of NASA's MODIS land products in km, with rows fitted to the pole.
///
/// # Example
/// ```
/// use tukhum::stats::geodesic::Position;
/// use tukhum::stats::grid::Grid;
/// let grid = Grid::new(25.0)?;
/// let kayes = grid.cell(Position::new(-11.43, 14.45)?);
/// let nearby = grid.cell(Position::new(-11.44, 14.46)?);
/// let nioro = grid.cell(Position::new(-9.59, 15.23)?);
/// assert!(kayes == nearby && kayes != nioro);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    cell_km: f64,
    rows: u32,
}

/// One cell of a [`Grid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Row from the south pole.
    pub row: u32,
    /// Column from the antimeridian, eastwards.
    pub column: u32,
}

impl Grid {
    /// Lays the grid out for cells of the given edge.
    pub fn new(cell_km: f64) -> Result<Self, StatsError> {
        if !(0.1..=5000.0).contains(&cell_km) {
            let rule = "must lie between 0.1 and 5000 km";
            return Err(StatsError::OutOfRange {
                what: "cell_km",
                value: cell_km,
                rule,
            });
        }
        let rows = (std::f64::consts::PI * MEAN_RADIUS_KM / cell_km)
            .round()
            .max(1.0) as u32;
        Ok(Self { cell_km, rows })
    }

    /// Number of columns in a row (1 for rows beyond the last).
    pub fn columns(&self, row: u32) -> u32 {
        let middle = ((f64::from(row) + 0.5) / f64::from(self.rows) - 0.5) * std::f64::consts::PI;
        let around = 2.0 * std::f64::consts::PI * MEAN_RADIUS_KM * middle.cos();
        (around / self.cell_km).round().max(1.0) as u32
    }

    /// The cell that holds a position.
    pub fn cell(&self, position: Position) -> Cell {
        let share = (position.latitude() + 90.0) / 180.0;
        let row = ((share * f64::from(self.rows)) as u32).min(self.rows - 1);
        let columns = self.columns(row);
        let around = (position.longitude() + 180.0) / 360.0;
        let column = ((around * f64::from(columns)) as u32).min(columns - 1);
        Cell { row, column }
    }

    /// Number of rows.
    pub fn rows(&self) -> u32 {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Stream;

    #[test]
    fn cells_have_their_size_and_tile_the_earth() {
        let grid = Grid::new(25.0).unwrap();
        let mut stream = Stream::new(2, 0);
        // Share of random points (uniform on the sphere) per cell: the area of a cell at 15° N is the
        // area of one at 60° N.
        let (mut low, mut high) = (0, 0);
        for _ in 0..100_000 {
            let latitude = (2.0 * stream.uniform() - 1.0).asin().to_degrees();
            let cell =
                grid.cell(Position::new(360.0 * stream.uniform() - 180.0, latitude).unwrap());
            assert!(cell.row < grid.rows() && cell.column < grid.columns(cell.row));
            if (10.0..20.0).contains(&latitude) {
                low += 1;
            }
            if (60.0..70.0).contains(&latitude) {
                high += 1;
            }
        }
        assert!(low > 0 && high > 0);
        let edge = 2.0 * std::f64::consts::PI * MEAN_RADIUS_KM * 15_f64.to_radians().cos()
            / f64::from(grid.columns((105.0 / 180.0 * f64::from(grid.rows())) as u32));
        assert!((edge / 25.0 - 1.0).abs() < 0.02, "{edge}");
    }

    #[test]
    fn poles_and_the_antimeridian_have_cells() {
        let grid = Grid::new(25.0).unwrap();
        for (lon, lat) in [
            (-180.0, -90.0),
            (180.0, 90.0),
            (0.0, 90.0),
            (179.999_999, 0.0),
        ] {
            let cell = grid.cell(Position::new(lon, lat).unwrap());
            assert!(cell.row < grid.rows() && cell.column < grid.columns(cell.row));
        }
        assert!(Grid::new(0.0).is_err() && Grid::new(f64::NAN).is_err());
    }
}
