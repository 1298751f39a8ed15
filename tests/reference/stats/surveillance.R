# Thresholds, rates, local statistics and distances from R packages, for src/stats.
#
# Run from the repository root: Rscript tests/reference/stats/surveillance.R
# Needs surveillance, spdep and spatstat.explore. Writes surveillance.json beside it.
suppressPackageStartupMessages({library(surveillance); library(spdep); library(spatstat.explore)})
set.seed(20261121)

number <- function(x) ifelse(is.na(x), "null", format(as.numeric(x), digits = 17, trim = TRUE, scientific = NA))
list_of <- function(x) paste0("[", paste(number(x), collapse = ","), "]")
object <- function(...) {
  parts <- list(...)
  paste0("{", paste0("\"", names(parts), "\":", unlist(parts), collapse = ","), "}")
}
array_of <- function(rows) paste0("[", paste(rows, collapse = ",\n"), "]")

# Farrington's method in the flexible form, one mean for the whole baseline (no trend, no season, no weights),
# overdispersed: the largest count that is no alarm, from a negative binomial plug-in.
farrington <- lapply(1:12, function(i) {
  weeks <- 52 * 4
  counts <- if (i %% 3 == 0) rpois(weeks, 2 + i) else rnbinom(weeks, mu = 1 + i, size = 0.8 + i / 4)
  series <- sts(counts, frequency = 52, start = c(2020, 1))
  alpha <- c(0.05, 0.01, 0.001)[1 + i %% 3]
  control <- list(range = weeks, b = 3, w = 8, noPeriods = 1, reweight = FALSE, trend = FALSE, pastWeeksNotIncluded = 0,
                  alpha = alpha, thresholdMethod = "nbPlugin", limit54 = c(0, 4))
  found <- farringtonFlexible(series, control)
  fit <- found@control
  object(count = number(counts[weeks]), alpha = number(alpha), mean = number(fit$expected), phi = number(fit$phiVector),
         upperbound = number(upperbound(found)), p = number(fit$pvalue))
})

# EARS C1 with seven weeks of baseline: mean and standard deviation times the quantile.
ears <- lapply(1:6, function(i) {
  counts <- rpois(40, 1 + i)
  found <- earsC(sts(counts), control = list(range = 8:40, method = "C1", baseline = 7, minSigma = c(0, 0.5)[1 + i %% 2],
                                             alpha = 1 - pnorm(2)))
  object(counts = list_of(counts), min_sigma = number(c(0, 0.5)[1 + i %% 2]), upperbound = list_of(upperbound(found)))
})

# Empirical Bayes rates: also where the variance is below zero and is set to it.
bayes <- lapply(1:6, function(i) {
  n <- 10 * i
  exposure <- runif(n, 0.5, 40)
  count <- rpois(n, (if (i %% 2 == 0) rgamma(n, 0.8, 0.6) else rep(0.7, n)) * exposure)
  found <- EBest(count, exposure)
  object(count = list_of(count), exposure = list_of(exposure), rate = list_of(found$estmm), variance = number(attr(found, "parameters")$a))
})

# Local Moran on a lattice.
moran <- lapply(1:2, function(i) {
  side <- 6 + i
  neighbours <- cell2nb(side, side, type = c("rook", "queen")[i])
  values <- rgamma(side * side, 1.5, 0.5)
  found <- localmoran(values, nb2listw(neighbours, style = "W"), mlvar = FALSE)
  rows <- paste0("[", paste(sapply(neighbours, function(x) paste0("[", paste(x - 1L, collapse = ","), "]")), collapse = ","), "]")
  object(values = list_of(values), neighbours = rows, statistic = list_of(found[, "Ii"]))
})

# Points in kilometres, a few tens of them across: mean nearest distance, ratio of Clark and Evans, Gaussian sums.
plane <- lapply(1:3, function(i) {
  n <- 20 * i
  side <- 50
  points <- ppp(runif(n, 0, side), runif(n, 0, side), window = owin(c(0, side), c(0, side)))
  weights <- rexp(n)
  sums <- density(points, sigma = 10, weights = weights, at = "points", edge = FALSE, leaveoneout = FALSE) * 2 * pi * 100
  object(x = list_of(points$x), y = list_of(points$y), area_km2 = number(side^2), bandwidth_km = "10",
         weight = list_of(weights), nearest = number(mean(nndist(points))),
         ratio = number(clarkevans(points, correction = "none")), pressure = list_of(sums))
})

version <- function(name) paste0("\"", packageVersion(name), "\"")
made <- object(surveillance = version("surveillance"), spdep = version("spdep"), spatstat.explore = version("spatstat.explore"),
               R = paste0("\"", getRversion(), "\""))
writeLines(paste0("{\"made_with\":", made, ",\n\"farrington\":", array_of(farrington), ",\n\"ears\":", array_of(ears),
                  ",\n\"bayes\":", array_of(bayes), ",\n\"moran\":", array_of(moran), ",\n\"plane\":", array_of(plane), "}"),
           "tests/reference/stats/surveillance.json")
