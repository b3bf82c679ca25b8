#include "first_stage/ease.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Dense>
#include <algorithm>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "first_stage/factors.hpp"
#include "first_stage/text_kernel.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// Columns of the inverse that are solved together: wide enough for matrix products, and fixed, so that the number of
// threads cannot change a bit.
constexpr std::size_t kBlock = 64;

// Lower triangle of X'X.
Eigen::MatrixXd gram(const InteractionMatrix& data) {
  const auto n = eigen_index(data.items());
  Eigen::MatrixXd lower = Eigen::MatrixXd::Zero(n, n);
  for (std::uint32_t user = 0; user < data.users(); ++user) {
    const auto items = data.items_of(user);
    for (std::size_t a = 0; a < items.size(); ++a) {
      for (std::size_t b = a; b < items.size(); ++b) lower(eigen_index(items[b]), eigen_index(items[a])) += 1;
    }
  }
  return lower;
}

void add_text_kernel(Eigen::MatrixXd& lower, const SparseMatrix& item_texts, double alpha, std::size_t threads) {
  const TextKernel kernel(item_texts);
  const auto n = static_cast<std::size_t>(lower.rows());
  parallel_ranges(n, kBlock, threads, [&](std::size_t begin, std::size_t end) {
    throw_if_stopped();
    Eigen::VectorXd row(lower.rows());
    for (std::size_t item = begin; item < end; ++item) {
      kernel.row(static_cast<std::uint32_t>(item), {row.data(), n});
      lower.col(eigen_index(item)).tail(eigen_index(n - item)) += alpha * row.tail(eigen_index(n - item));
    }
  });
}

// Overwrites `lower` with its Cholesky factor L.
void factor(Eigen::MatrixXd& lower) {
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>, Eigen::Lower> cholesky(lower);
  if (cholesky.info() != Eigen::Success) {
    throw usage_error("ease: the item matrix cannot be factored; give a larger lambda");
  }
}

// The item x item weights B, row-major f32: weights[i * n + j] = B_ij.
class Ease final : public FirstStage {
 public:
  // From the factor L of X'X + lambda I (+ alpha K).
  Ease(const Eigen::MatrixXd& cholesky, std::size_t threads)
      : items_(static_cast<std::size_t>(cholesky.rows())), weights_(items_ * items_) {
    std::vector<double> diagonal(items_);
    parallel_ranges(items_, kBlock, threads, [&](std::size_t begin, std::size_t end) {
      throw_if_stopped();
      invert_columns(cholesky, begin, end, diagonal);
    });
    parallel_ranges(items_, kBlock, threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        for (std::size_t j = 0; j < items_; ++j) at(i, j) = static_cast<float>(-double{at(i, j)} / diagonal[j]);
        at(i, i) = 0;
      }
    });
  }

  void score(std::uint32_t /*user*/, std::span<const std::uint32_t> had, std::span<double> scores) const override {
    std::ranges::fill(scores, 0.0);
    for (const std::uint32_t item : had) {
      const auto row = std::span(weights_).subspan(item * items_, items_);
      for (std::size_t j = 0; j < items_; ++j) scores[j] += double{row[j]};
    }
  }

 private:
  float& at(std::size_t i, std::size_t j) { return weights_[i * items_ + j]; }

  // P = L^-T L^-1 is symmetric and the columns from `begin` on of its lower triangle need the rows from `begin` on of L
  // alone: a third of the work of a full solve. Writes both triangles of P into the weights; no two calls write the
  // same place.
  void invert_columns(const Eigen::MatrixXd& cholesky, std::size_t begin, std::size_t end,
                      std::vector<double>& diagonal) {
    const auto rows = eigen_index(items_ - begin);
    const auto corner = cholesky.bottomRightCorner(rows, rows);
    Eigen::MatrixXd part = Eigen::MatrixXd::Identity(rows, eigen_index(end - begin));
    corner.triangularView<Eigen::Lower>().solveInPlace(part);
    corner.triangularView<Eigen::Lower>().transpose().solveInPlace(part);
    for (std::size_t j = begin; j < end; ++j) {
      diagonal[j] = part(eigen_index(j - begin), eigen_index(j - begin));
      for (std::size_t i = j; i < items_; ++i) {
        at(i, j) = at(j, i) = static_cast<float>(part(eigen_index(i - begin), eigen_index(j - begin)));
      }
    }
  }

  std::size_t items_;
  std::vector<float> weights_;
};

}  // namespace

std::unique_ptr<FirstStage> fit_ease(const FirstStageOptions& options, const InteractionMatrix& data,
                                     const SparseMatrix* item_texts) {
  Eigen::MatrixXd matrix = gram(data);
  matrix.diagonal().array() += lambda_of(options);
  // Without weight the texts leave every bit as it is.
  if (item_texts != nullptr && alpha_of(options) > 0) {
    add_text_kernel(matrix, *item_texts, alpha_of(options), options.threads);
  }
  factor(matrix);
  return std::make_unique<Ease>(matrix, options.threads);
}

struct EaseFits::Parts {
  Eigen::MatrixXd gram;
  Eigen::MatrixXd kernel;  // empty without texts
};

EaseFits::EaseFits(const InteractionMatrix& data, const SparseMatrix* item_texts)
    : parts_(std::make_unique<Parts>(Parts{.gram = gram(data), .kernel = {}})) {
  if (item_texts == nullptr) return;
  parts_->kernel = Eigen::MatrixXd::Zero(eigen_index(data.items()), eigen_index(data.items()));
  add_text_kernel(parts_->kernel, *item_texts, 1, 1);
}

EaseFits::~EaseFits() = default;

std::unique_ptr<FirstStage> EaseFits::fit(double lambda, double alpha) const {
  Eigen::MatrixXd matrix = parts_->gram;
  matrix.diagonal().array() += lambda;
  if (alpha > 0) matrix += alpha * parts_->kernel;
  factor(matrix);
  return std::make_unique<Ease>(matrix, 1);
}

}  // namespace persona4rec
