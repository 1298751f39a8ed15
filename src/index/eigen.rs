//! Eigenvalues and eigenvectors of a symmetric matrix.

/// Eigenvalues in descending order, each with its eigenvector of length 1.
pub type EigenPairs = Vec<(f64, Vec<f64>)>;

/// Decomposes a symmetric matrix by cyclic Jacobi rotations.
///
/// # Units and shape
/// `matrix` is square, rows of equal length; only its lower triangle is trusted to be right. The
/// sign of a vector is chosen so that its entries add up to 0 or more.
///
/// # Missing and degenerate values
/// `None` for a matrix that is not square or has an entry that is not finite.
///
/// # Source
/// Golub and Van Loan, *Matrix Computations*, 4th ed., section 8.5.
pub fn symmetric(matrix: &[Vec<f64>]) -> Option<EigenPairs> {
    let n = matrix.len();
    if matrix.iter().any(|row| row.len() != n || row.iter().any(|v| !v.is_finite())) {
        return None;
    }
    let mut a: Vec<Vec<f64>> = matrix.to_vec();
    let mut v: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _sweep in 0..100 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        let size: f64 = a.iter().flatten().map(|x| x * x).sum();
        if off <= 1e-32 * size {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let mut pairs: EigenPairs = (0..n)
        .map(|k| {
            let vector: Vec<f64> = v.iter().map(|row| row[k]).collect();
            let sign = if vector.iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
            (a[k][k], vector.into_iter().map(|x| x * sign).collect())
        })
        .collect();
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    Some(pairs)
}

fn rotate(a: &mut [Vec<f64>], v: &mut [Vec<f64>], p: usize, q: usize) {
    let apq = a[p][q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for row in a.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
    // p < q, so that splitting at q gives both rows.
    let (above, from_q) = a.split_at_mut(q);
    for (x, y) in above[p].iter_mut().zip(from_q[0].iter_mut()) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
    for row in v.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
}

#[cfg(test)]
mod tests {
    use super::symmetric;

    #[test]
    fn by_hand() {
        let pairs = symmetric(&[vec![2.0, 1.0], vec![1.0, 2.0]]).unwrap();
        assert!((pairs[0].0 - 3.0).abs() < 1e-14 && (pairs[1].0 - 1.0).abs() < 1e-14);
        assert!((pairs[0].1[0] - 0.5_f64.sqrt()).abs() < 1e-14);
        assert_eq!(symmetric(&[vec![1.0, 2.0]]), None);
        assert_eq!(symmetric(&[vec![f64::NAN]]), None);
        assert_eq!(symmetric(&[]), Some(vec![]));
    }

    #[test]
    fn rebuilds_the_matrix() {
        let n = 12;
        let m: Vec<Vec<f64>> =
            (0..n).map(|i| (0..n).map(|j| ((i * j + i + j) % 7) as f64 - 3.0).collect()).collect();
        let pairs = symmetric(&m).unwrap();
        for i in 0..n {
            for j in 0..n {
                let sum: f64 = pairs.iter().map(|(l, v)| l * v[i] * v[j]).sum();
                assert!((sum - m[i][j]).abs() < 1e-12);
            }
        }
    }
}
