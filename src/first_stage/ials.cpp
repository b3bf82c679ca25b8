#include "first_stage/ials.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Dense>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "first_stage/factors.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr double kFactorDeviation = 0.1;  // of a first vector's length, as the reassessments have it
constexpr std::size_t kRowsOfPartialGram = 4096;

// sum over the rows of row'row [factors, factors].
Eigen::MatrixXf gram(const FactorRows& rows, std::size_t threads) {
  const auto count = static_cast<std::size_t>(rows.rows());
  std::vector<Eigen::MatrixXf> parts((count + kRowsOfPartialGram - 1) / kRowsOfPartialGram);
  parallel_ranges(count, kRowsOfPartialGram, threads, [&](std::size_t begin, std::size_t end) {
    const auto part = rows.middleRows(static_cast<Eigen::Index>(begin), static_cast<Eigen::Index>(end - begin));
    parts[begin / kRowsOfPartialGram] = part.transpose() * part;
  });
  Eigen::MatrixXf sum = Eigen::MatrixXf::Zero(rows.cols(), rows.cols());
  for (const auto& part : parts) sum += part;
  return sum;
}

// One side of the model, turned so that its gram matrix is diagonal: then a row of the other side with few interactions
// is a small system, whatever the number of factors.
struct OtherSide {
  FactorRows rows;
  Eigen::VectorXf unobserved;  // [factors] diagonal of gram, times the weight of a pair
  double lambda = 0;
  double pairs = 0;  // all pairs of a row, in interactions

  // `weight`: of one pair, in interactions.
  OtherSide(const FactorRows& vectors, const FirstStageOptions& options, double weight)
      : lambda(lambda_of(options)), pairs(weight * static_cast<double>(vectors.rows())) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> axes(gram(vectors, options.threads).cast<double>());
    const Eigen::MatrixXf turn = axes.eigenvectors().cast<float>();
    unobserved = (axes.eigenvalues().cwiseMax(0) * weight).cast<float>();
    rows.resizeLike(vectors);
    const auto count = static_cast<std::size_t>(vectors.rows());
    parallel_ranges(count, kFactorRowsPerTask, options.threads, [&](std::size_t begin, std::size_t end) {
      const auto first = static_cast<Eigen::Index>(begin);
      const auto size = static_cast<Eigen::Index>(end - begin);
      rows.middleRows(first, size).noalias() = vectors.middleRows(first, size) * turn;
    });
  }
};

// Scratch of a thread: the rows that one row is solved from, a column each.
class RowSolver {
 public:
  explicit RowSolver(const OtherSide& side) : side_(side) {}

  // The exact minimum (H'H + D)^-1 H'1, H [had, factors] the rows of what was had, D the unobserved pairs and the L2
  // weight, which is frequency-scaled: it grows with what the row's loss holds.
  void solve(std::span<const std::uint32_t> had, Eigen::Ref<Eigen::VectorXf> vector) {
    const auto count = static_cast<Eigen::Index>(had.size());
    had_.resize(side_.rows.cols(), count);
    for (Eigen::Index k = 0; k < count; ++k) had_.col(k) = side_.rows.row(had[static_cast<std::size_t>(k)]);
    const auto l2 = static_cast<float>(side_.lambda * (static_cast<double>(count) + side_.pairs));
    diagonal_ = side_.unobserved.array() + l2;
    if (count == 0) {
      vector.setZero();
    } else if (count < had_.rows()) {
      solve_by_interactions(count, vector);
    } else {
      solve_by_factors(vector);
    }
  }

 private:
  // D^-1 H' (I + H D^-1 H')^-1 1: the same, as a system of the interactions (Woodbury).
  void solve_by_interactions(Eigen::Index count, Eigen::Ref<Eigen::VectorXf> vector) {
    scaled_ = diagonal_.cwiseInverse().asDiagonal() * had_;
    system_.noalias() = had_.transpose() * scaled_;
    system_.diagonal().array() += 1.0F;
    vector.noalias() = scaled_ * factored().solve(Eigen::VectorXf::Ones(count));
  }

  void solve_by_factors(Eigen::Ref<Eigen::VectorXf> vector) {
    system_ = diagonal_.asDiagonal();
    system_.selfadjointView<Eigen::Lower>().rankUpdate(had_);
    vector = factored().solve(had_.rowwise().sum());
  }

  const Eigen::LLT<Eigen::MatrixXf>& factored() {
    cholesky_.compute(system_);
    if (cholesky_.info() != Eigen::Success) {
      throw usage_error("ials: a system of equations cannot be solved; give a larger lambda");
    }
    return cholesky_;
  }

  const OtherSide& side_;
  Eigen::MatrixXf had_;       // [factors, had]
  Eigen::VectorXf diagonal_;  // [factors] D
  Eigen::MatrixXf scaled_;    // [factors, had] D^-1 H'
  Eigen::MatrixXf system_;
  Eigen::LLT<Eigen::MatrixXf> cholesky_;
};

class IalsFitter {
 public:
  IalsFitter(const FirstStageOptions& options, const InteractionMatrix& data) : options_(options), data_(data) {
    const double pairs = static_cast<double>(data.users()) * static_cast<double>(data.items());
    weight_ = options.unobserved * std::max(static_cast<double>(data.pairs()), 1.0) / std::max(pairs, 1.0);
    const double deviation = kFactorDeviation / std::sqrt(static_cast<double>(options.factors));
    Rng rng(options.seed, "ials");
    users_.resize(static_cast<Eigen::Index>(data.users()), static_cast<Eigen::Index>(options.factors));
    items_ = random_factors(data.items(), options.factors, deviation, rng);
  }

  // The items, to solve a user from.
  OtherSide run() {
    for (std::size_t pass = 0; pass < passes_of(options_); ++pass) {
      solve(users_, items_, [&](std::uint32_t user) { return data_.items_of(user); });
      solve(items_, users_, [&](std::uint32_t item) { return data_.users_of(item); });
    }
    return {items_, options_, weight_};
  }

 private:
  // All rows of a side from the other; of(r) = what row r has had of the other.
  template <class Had>
  void solve(FactorRows& rows, const FactorRows& others, const Had& of) {
    const OtherSide side(others, options_, weight_);
    const auto count = static_cast<std::size_t>(rows.rows());
    parallel_ranges(count, kFactorRowsPerTask, options_.threads, [&](std::size_t begin, std::size_t end) {
      throw_if_stopped();
      RowSolver solver(side);
      Eigen::VectorXf vector(rows.cols());
      for (std::size_t r = begin; r < end; ++r) {
        solver.solve(of(static_cast<std::uint32_t>(r)), vector);
        rows.row(static_cast<Eigen::Index>(r)) = vector;
      }
    });
  }

  const FirstStageOptions& options_;
  const InteractionMatrix& data_;
  double weight_ = 0;  // of a pair of user and item, in interactions
  FactorRows users_;
  FactorRows items_;
};

class Ials final : public FirstStage {
 public:
  explicit Ials(OtherSide items) : items_(std::move(items)) {}

  void score(std::uint32_t /*user*/, std::span<const std::uint32_t> had, std::span<double> scores) const override {
    Eigen::VectorXf user(items_.rows.cols());
    RowSolver(items_).solve(had, user);
    score_rows(items_.rows, user, scores);
  }

 private:
  OtherSide items_;
};

}  // namespace

std::unique_ptr<FirstStage> fit_ials(const FirstStageOptions& options, const InteractionMatrix& data) {
  return std::make_unique<Ials>(IalsFitter(options, data).run());
}

}  // namespace persona4rec
