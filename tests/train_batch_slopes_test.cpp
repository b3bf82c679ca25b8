// The slopes that are written out by hand: the bits of LibTorch's own operators.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <limits>

#include "train/batch_slopes.hpp"

namespace persona4rec {
namespace {

at::Tensor drawn(std::int64_t rows, std::int64_t columns) {
  return at::randn({rows, columns});
}

at::Tensor unit_rows_by_operators(const at::Tensor& rows) {
  return rows / rows.norm(2, {-1}, true).clamp_min(1e-12);
}

// [b, b] true where column j is another that shares an id with row i.
at::Tensor shared(const std::vector<at::Tensor>& ids, std::int64_t size) {
  auto masked = at::zeros({size, size}, at::kBool);
  for (const auto& id : ids) masked.logical_or_(id.unsqueeze(0).eq(id.unsqueeze(1)));
  return masked.logical_and(at::eye(size, at::kBool).logical_not());
}

at::Tensor loss_by_operators(const at::Tensor& users, const at::Tensor& personas, const OwnColumns& columns) {
  auto logits = users.mm(personas.t()) / columns.temperature;
  if (columns.log_q.defined()) logits = logits + columns.log_q.unsqueeze(0);
  logits = logits.masked_fill(shared(columns.ids, users.size(0)), -std::numeric_limits<double>::infinity());
  return -at::log_softmax(logits, 1).diagonal().mean();
}

struct Batch {
  explicit Batch(std::int64_t size, std::int64_t dimensions)
      : users(drawn(size, dimensions).set_requires_grad(true)),
        personas(drawn(size, dimensions).set_requires_grad(true)),
        columns{.ids = {at::randint(0, size, {size}), at::randint(0, 1 + size / 4, {size})},
                .log_q = at::rand({size}),
                .temperature = 0.2} {
    const at::NoGradGuard no_grad;
    users[0].zero_();          // a row without a direction
    personas[1].mul_(1e-20F);  // and one that is shorter than what is divided by
  }
  at::Tensor users;
  at::Tensor personas;
  OwnColumns columns;
};

class SlopesOf : public testing::TestWithParam<std::pair<std::int64_t, std::int64_t>> {
 protected:
  SlopesOf() { at::manual_seed(7); }
};

TEST_P(SlopesOf, UnitRowsHaveTheBitsOfOperators) {
  const Batch batch(GetParam().first, GetParam().second);
  const auto slope = drawn(GetParam().first, GetParam().second);
  for (const auto& rows : {batch.users, batch.personas}) {
    const auto ours = unit_rows(rows);
    const auto theirs = unit_rows_by_operators(rows);
    EXPECT_TRUE(at::equal(ours, theirs));
    EXPECT_TRUE(at::equal(torch::autograd::grad({ours}, {rows}, {slope})[0],
                          torch::autograd::grad({theirs}, {rows}, {slope})[0]));
  }
}

TEST_P(SlopesOf, TheLossOfOwnColumnsHasTheBitsOfOperators) {
  Batch batch(GetParam().first, GetParam().second);
  for (const std::size_t kinds : {2U, 1U, 0U}) {
    batch.columns.ids.resize(kinds);
    if (kinds == 0) batch.columns.log_q.reset();
    const auto loss_of = [&](const auto& loss) {
      return loss(unit_rows_by_operators(batch.users), unit_rows_by_operators(batch.personas), batch.columns);
    };
    const auto ours = loss_of(own_columns_loss);
    const auto theirs = loss_of(loss_by_operators);
    EXPECT_EQ(ours.item<float>(), theirs.item<float>()) << kinds;
    const auto slopes = torch::autograd::grad({ours}, {batch.users, batch.personas});
    const auto expected = torch::autograd::grad({theirs}, {batch.users, batch.personas});
    for (std::size_t side = 0; side < 2; ++side) EXPECT_TRUE(at::equal(slopes[side], expected[side])) << kinds;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, SlopesOf, testing::Values(std::pair(2, 3), std::pair(70, 33), std::pair(257, 64)));

}  // namespace
}  // namespace persona4rec
