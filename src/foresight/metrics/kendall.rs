/// Kendall's τ-b between two rankings of the same units.
///
/// # Formula
/// ```text
/// τ = (concordant − discordant) / √((pairs − tied in a) (pairs − tied in b))
/// ```
/// # Missing and degenerate values
/// None if one of them ties everywhere or there are fewer than two units.
///
/// # Source
/// Kendall (1945); SciPy `kendalltau`.
pub fn kendall(a: &[f64], b: &[f64]) -> Option<f64> {
    let (mut agree, mut untied_a, mut untied_b) = (0_i64, 0_i64, 0_i64);
    let sign = |x: f64| i64::from(x > 0.0) - i64::from(x < 0.0);
    for (i, (xa, xb)) in a.iter().zip(b).enumerate() {
        for (ya, yb) in a.iter().zip(b).skip(i + 1) {
            let (sa, sb) = (sign(xa - ya), sign(xb - yb));
            agree += sa * sb;
            untied_a += sa.abs();
            untied_b += sb.abs();
        }
    }
    (untied_a > 0 && untied_b > 0).then(|| agree as f64 / (untied_a as f64 * untied_b as f64).sqrt())
}
