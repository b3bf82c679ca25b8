// A TextEncoder whose work several processes share, window by window, and which gives the bytes that one process gives.
//
// Every rank calls encode() with the same texts and gets all vectors. Rank 0 has the text store; what it lacks is
// planned in windows as StoredEncoder plans them, the ranks compute them in turn, and the vectors come to all ranks and
// into rank 0's store. Until then each rank keeps its own in <text store>.rank<N>, so that a run that is killed at any
// moment goes on, whoever made what; the file goes when all is in the text store. The ranks need no common file system.
//
// Throws as StoredEncoder and Ranks; Error kInput where ranks have different texts or encoders.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "encoder/ranks/ranks.hpp"
#include "encoder/store/batch_encoder.hpp"
#include "encoder/store/embeddings_builder.hpp"
#include "encoder/store/text_store.hpp"
#include "encoder/store/unsaved_batches.hpp"
#include "encoder/store/window_plan.hpp"
#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

class SharedEncoder final : public TextEncoder {
 public:
  // `store` may be empty: nothing is kept then. Rank 0 opens it, the others their own beside it. `save_every_s`: as
  // StoredEncoder.
  SharedEncoder(std::unique_ptr<BatchEncoder> encoder, std::filesystem::path store, std::shared_ptr<Ranks> ranks,
                double save_every_s = kSaveEvery);
  ~SharedEncoder() override;

  [[nodiscard]] std::size_t dimensions() const override { return encoder_->dimensions(); }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }
  [[nodiscard]] std::size_t texts_at_once() const override;
  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) override;

 private:
  // One call of encode(): the distinct texts of all, and what becomes of them.
  struct Call {
    Call(std::span<const std::string> given, std::size_t dimensions) : texts(given), builder(given, dimensions) {}
    std::span<const std::string> texts;
    EmbeddingsBuilder builder;
    std::vector<TextKey> keys;         // [distinct]
    std::vector<std::uint64_t> plans;  // [distinct] of what is stored or planned; kNoPlan = neither yet
    std::vector<WindowPlan> windows;   // to be computed
    std::vector<std::uint8_t> stored;  // [distinct] 1 = rank 0's store has it
    std::vector<std::int64_t> mine;    // distinct texts that this rank has made
    std::vector<std::uint8_t> cut;     // [distinct]
    std::size_t tokens = 0;
    std::size_t encoded = 0;
  };

  void refuse_other(std::uint64_t number, const char* what);
  void take_stored(Call& call);
  void plan(Call& call) const;
  void plan_chunk(Call& call, std::size_t begin, std::size_t end) const;
  void take_from_own_stores(Call& call);
  [[nodiscard]] std::vector<std::int64_t> found_in_own_store(Call& call);
  void compute(Call& call, const WindowPlan& window, const ProgressFn& progress);
  std::vector<std::int64_t> exchange(Call& call, std::span<const std::int64_t> given);
  void sum_counts(Call& call);
  void store_of_others(Call& call);
  [[nodiscard]] std::filesystem::path own_store() const;

  std::unique_ptr<BatchEncoder> encoder_;
  std::string fingerprint_;
  std::filesystem::path path_;
  std::shared_ptr<Ranks> ranks_;
  std::optional<TextStore> store_;
  double save_every_s_;
  bool all_stored_ = false;
};

}  // namespace persona4rec
