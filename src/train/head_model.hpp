// The two linear maps under training, their loss and their optimiser (docs/method.md, 6.3 Loss). Torch lives in
// head_model.cpp alone.
//
//   u_i = norm(W_user a_i), p_j = norm(W_persona b_j)
//   logits_ij = <u_i, p_j> / temperature + log_q_j;  loss = mean_i cross_entropy(logits_i, target i)
//   hard negatives of row i are further columns of that row alone
// Masked columns are left out of the softmax and of the smoothing. Adam (Kingma & Ba 2015), torch's defaults.
// Thread-safety: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "persona4rec/train.hpp"

namespace persona4rec {

// One batch, row-major. `hard` holds `hard_count` rows for every sample, missing ones all zero.
struct HeadBatch {
  std::size_t size = 0;                                     // b
  std::size_t dimensions = 0;                               // d
  std::size_t hard_count = 0;                               // h
  std::vector<float> users;                                 // [b, d] raw profiles, unit rows
  std::vector<float> personas;                              // [b, d] raw persona vectors, unit rows
  std::vector<float> hard;                                  // [b, h, d]
  std::vector<float> log_q;                                 // [b] added to the columns; empty = 0
  std::vector<std::uint32_t> user_id, persona_id, item_id;  // [b] what the masks compare
};

class HeadModel {
 public:
  // Both maps start as the identity.
  HeadModel(std::size_t dimensions, const HeadTrainingOptions& options, std::size_t threads);
  HeadModel(HeadModel&&) noexcept;
  HeadModel& operator=(HeadModel&&) noexcept;
  ~HeadModel();

  // Loss of a batch, without and with a step of the optimiser.
  [[nodiscard]] double loss(const HeadBatch& batch) const;
  double step(const HeadBatch& batch);
  // Gradients of the loss by the maps, [d, d] each (one alone when the map is shared); for tests.
  [[nodiscard]] std::vector<std::vector<float>> gradients(const HeadBatch& batch) const;

  [[nodiscard]] std::vector<float> user_map() const;     // [d, d] row-major
  [[nodiscard]] std::vector<float> persona_map() const;  // [d, d]
  void set_maps(std::span<const float> user_map, std::span<const float> persona_map);

  // Maps and optimiser as bytes. restore() throws Error kInput when they are not of this model's shape.
  [[nodiscard]] std::string save() const;
  void restore(const std::string& bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// a [n, d] times b [m, d] transposed -> [n, m], f32 row-major.
[[nodiscard]] std::vector<float> multiply_transposed(std::span<const float> a, std::span<const float> b, std::size_t d);

}  // namespace persona4rec
