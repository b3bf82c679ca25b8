#include "first_stage/ease.hpp"

#include <Eigen/Dense>
#include <algorithm>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "first_stage/dense_inverse.hpp"
#include "first_stage/factors.hpp"
#include "first_stage/text_kernel.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// Items that a task takes at once.
constexpr std::size_t kBlock = 64;

// Lower triangle of X'X: counts, so that their order does not matter.
Eigen::MatrixXd gram(const InteractionMatrix& data, std::size_t threads) {
  const auto n = eigen_index(data.items());
  Eigen::MatrixXd lower = Eigen::MatrixXd::Zero(n, n);
  parallel_ranges(data.items(), kBlock, threads, [&](std::size_t begin, std::size_t end) {
    throw_if_stopped();
    for (auto item = static_cast<std::uint32_t>(begin); item < end; ++item) {
      auto column = lower.col(eigen_index(item));
      for (const auto user : data.users_of(item)) {
        const auto items = data.items_of(user);
        for (auto other = std::ranges::lower_bound(items, item); other != items.end(); ++other) {
          column[eigen_index(*other)] += 1;
        }
      }
    }
  });
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

// Overwrites the lower triangle with that of the inverse.
void invert(Eigen::MatrixXd& lower, std::size_t threads) {
  const auto n = static_cast<std::size_t>(lower.rows());
  const MatrixView view{.data = lower.data(), .rows = n, .columns = n, .row_step = 1, .column_step = n};
  if (!invert_positive_definite(view, threads)) {
    throw usage_error("ease: the item matrix cannot be factored; give a larger lambda");
  }
}

// The item x item weights B, row-major f32: weights[i * n + j] = B_ij.
class Ease final : public FirstStage {
 public:
  // From the lower triangle of P = (X'X + lambda I (+ alpha K))^-1.
  Ease(const Eigen::MatrixXd& inverse, std::size_t threads)
      : items_(static_cast<std::size_t>(inverse.rows())), weights_(items_ * items_) {
    parallel_ranges(items_, kBlock, threads, [&](std::size_t begin, std::size_t end) {
      throw_if_stopped();
      for (std::size_t first = begin; first < items_; first += kBlock) {
        take_block(inverse, {begin, end}, {first, std::min(first + kBlock, items_)});
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

  struct Range {
    std::size_t begin = 0, end = 0;
  };

  // B_ij = -P_ij / P_jj of a block of P's lower triangle, and of its mirror: no two blocks write the same place.
  void take_block(const Eigen::MatrixXd& inverse, Range columns, Range rows) {
    for (std::size_t j = columns.begin; j < columns.end; ++j) {
      const double of_column = inverse(eigen_index(j), eigen_index(j));
      for (std::size_t i = std::max(j + 1, rows.begin); i < rows.end; ++i) {
        const double value = -double{static_cast<float>(inverse(eigen_index(i), eigen_index(j)))};
        at(i, j) = static_cast<float>(value / of_column);
        at(j, i) = static_cast<float>(value / inverse(eigen_index(i), eigen_index(i)));
      }
    }
  }

  std::size_t items_;
  std::vector<float> weights_;
};

}  // namespace

std::unique_ptr<FirstStage> fit_ease(const FirstStageOptions& options, const InteractionMatrix& data,
                                     const SparseMatrix* item_texts) {
  Eigen::MatrixXd matrix = gram(data, options.threads);
  matrix.diagonal().array() += lambda_of(options);
  // Without weight the texts leave every bit as it is.
  if (item_texts != nullptr && alpha_of(options) > 0) {
    add_text_kernel(matrix, *item_texts, alpha_of(options), options.threads);
  }
  invert(matrix, options.threads);
  return std::make_unique<Ease>(matrix, options.threads);
}

struct EaseFits::Parts {
  Eigen::MatrixXd gram;
  Eigen::MatrixXd kernel;  // empty without texts
};

EaseFits::EaseFits(const InteractionMatrix& data, const SparseMatrix* item_texts)
    : parts_(std::make_unique<Parts>(Parts{.gram = gram(data, 1), .kernel = {}})) {
  if (item_texts == nullptr) return;
  parts_->kernel = Eigen::MatrixXd::Zero(eigen_index(data.items()), eigen_index(data.items()));
  add_text_kernel(parts_->kernel, *item_texts, 1, 1);
}

EaseFits::~EaseFits() = default;

std::unique_ptr<FirstStage> EaseFits::fit(double lambda, double alpha) const {
  Eigen::MatrixXd matrix = parts_->gram;
  matrix.diagonal().array() += lambda;
  if (alpha > 0) matrix += alpha * parts_->kernel;
  invert(matrix, 1);
  return std::make_unique<Ease>(matrix, 1);
}

}  // namespace persona4rec
