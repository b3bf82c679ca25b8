// train: maps that bring a user's profile and the fitting persona together (contrastive; docs/method.md, 6.3 Loss).
//
// Reads   4_selected_personas, 3.5_history, 3.5_targets, 3.5_persona_with_summary, valid candidates (optional).
// Writes  encoder/: a copy of the encoder folder with two heads (3_Router, loads in sentence-transformers), with
//         train_log.jsonl and fusion_weights.json; encoder.meta.json and encoder.run.json beside it.
//         encoder.checkpoint/ while it runs: a stopped run goes on from there and ends with the same bytes.
//
// Sample: a train target with the user's liked history before it -> the selected persona of its item. The user is out
// of that persona's support and readers; where nothing is left, the nearest other persona of the item, else the sample
// is dropped. Targets of split valid or test are refused. Deterministic for a seed (and a number of threads).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "persona4rec/dataset.hpp"
#include "persona4rec/encoder_training.hpp"
#include "persona4rec/first_stage.hpp"
#include "persona4rec/matching_options.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"
#include "persona4rec/text_encoder.hpp"
#include "persona4rec/words.hpp"

namespace persona4rec {

class ProfileText;

// In-batch InfoNCE: logits = cosine / temperature + logQ of the column, cross-entropy to the diagonal.
struct LossOptions {
  double temperature = 0.2;      // > 0; .1 to .2 measured best
  bool log_q = true;             // column j gets -log((count_j + 1) / sum): popular targets are no better negatives
  bool symmetric = false;        // also personas -> users; the mean of both
  double label_smoothing = 0.0;  // [0, 1): share spread evenly over the unmasked columns; 0 = off
  bool mask_same_persona = true;
  bool mask_same_item = true;
  bool mask_same_user = true;
  double percpos = 0.0;            // masks negatives more similar than this share of the positive's cosine; 0 = off
  std::size_t hard_negatives = 0;  // other personas of the target item, appended as columns of their row; 0 = off
};

struct HeadTrainingOptions {
  LossOptions loss;
  std::size_t batch_size = 256;  // >= 2; of one process
  std::size_t epochs = 10;       // >= 1
  std::size_t max_steps = 0;     // stop after so many; 0 = no limit
  double learning_rate = 1e-3;   // Adam
  std::size_t patience = 3;      // looks at world valid without a better one before stopping; 0 = never stop early
  bool shared_map = false;       // one map for both sides
  std::uint64_t seed = 0;        // order of samples
};

enum class TrainMode : std::uint8_t {
  kHead,  // two linear maps on the frozen encoder
  kFull,  // the encoder itself: the same samples, loss, masks and validation
  kLora,  // low-rank adapters in the encoder
};

struct TrainOptions {
  std::filesystem::path selected;              // input 4_selected_personas.jsonl
  std::filesystem::path history;               // input 3.5_history.jsonl
  std::filesystem::path targets;               // input 3.5_targets.jsonl
  std::filesystem::path persona_with_summary;  // input 3.5_persona_with_summary.jsonl
  // Input 2.5_grouped.jsonl, which persona texts are written again from; empty = they are not, and it is not read where
  // no persona's text is trained on.
  std::filesystem::path grouped;
  std::filesystem::path summary;           // input 2_summary.jsonl: words of items without personas; empty = none
  std::filesystem::path valid_candidates;  // input, candidate lists of world valid; empty = all items alone
  std::filesystem::path base_encoder;      // input, the frozen encoder's folder
  std::filesystem::path output;            // output, the new encoder folder

  TrainMode mode = TrainMode::kHead;
  HeadTrainingOptions head;                 // of every mode: loss, batches, epochs, highest rate
  EncoderTrainingOptions encoder_training;  // of kFull and kLora
  std::string device = "auto";              // of kFull and kLora: auto, cpu or cuda:N
  std::size_t max_length = 0;               // tokens of a text when it is served; 0 = the folder's
  bool any_rating = false;                  // what a user did not like speaks for it too, in training
  bool center = true;                       // texts are centred by their mean (docs/method.md, 3.4 Centring)
  PersonaVectors persona_vectors = PersonaVectors::kSupport;  // as `cache` will make them
  ProfileOptions profile;
  double alpha = kDefaultAlpha;    // share of the best persona, in validation
  WordOptions words;               // of --fit-weights
  std::size_t valid_users = 5000;  // users of world valid looked at after each epoch (seeded choice); 0 = all

  bool fit_weights = true;       // choose the fusion weights of each first stage by the data; off = the fixed ones
  std::size_t folds = 8;         // >= 2
  std::size_t fit_topk = 100;    // length of the lists that the weights are fitted on
  std::size_t fit_lists = 5000;  // most right answers used of the folds, and of world valid (seeded choice); 0 = all
  // Whose weights are chosen; empty = all that take little time (those dense in the items up to 10,000 of them).
  std::vector<FirstStageMethod> first_stages;
  FirstStageOptions first_stage;  // their settings; its method is not looked at

  SplitOptions split;
  TimeFormat time;                 // how numbers in `timestamp` are read
  std::uint64_t max_bad_rows = 0;  // broken input rows skipped per file before giving up; 0 = none
  std::size_t threads = 0;         // 0 = all processors
  bool force = false;              // mismatched inputs are warnings
  bool fresh = false;              // a checkpoint is thrown away instead of continued
  ProgressFn progress;
};

// Ranking quality of the head's persona order in world valid; absent without users to look at.
struct ValidQuality {
  double hit10 = 0;
  double ndcg10 = 0;
  std::uint64_t users = 0;
};

// The list's own score and one channel beside it, at the weight of the range with the best NDCG@10.
struct SingleChannel {
  double weight = 0;
  double ndcg = 0;
};

// What the data say the weights of a first stage's lists should be, and how it was decided. NDCG@10 is the mean over
// the lists that hold their right answer.
struct FirstStageWeights {
  FirstStageMethod method = FirstStageMethod::kEase;
  FusionWeights weights = kHeadWeights;
  std::uint64_t fold_lists = 0;
  double fold_ndcg = 0;  // of base, words and head as chosen
  double fold_fixed_ndcg = 0;
  double ndcg = 0;      // of base, words and head as 7.2 chose them, over the lists of the folds and of world valid
  SingleChannel words;  // over the same lists
  SingleChannel head;   //
  std::uint64_t valid_lists = 0;
  double valid_ndcg = 0;          // with persona words, each user by what the other users chose
  double valid_without_ndcg = 0;  // without them
};

struct TrainReport {
  std::uint64_t selected = 0;  // rows of 4_selected_personas
  std::uint64_t samples = 0;
  std::uint64_t samples_moved = 0;  // the nearest other persona stands in: the selected one had only the user's support
  std::uint64_t texts_rewritten = 0;  // persona texts that the offline provider wrote again without the sample's user
  std::uint64_t dropped_no_profile = 0;  // nothing liked before the target
  std::uint64_t dropped_no_persona = 0;  // no persona of the item is free of the user
  std::uint64_t selected_unknown = 0;    // the persona is not in 3.5_persona_with_summary
  std::uint64_t epochs = 0;              // run
  std::uint64_t best_epoch = 0;          // 0 = the identity was never beaten
  std::uint64_t steps = 0;
  std::uint64_t tokens = 0;  // of all texts, where the encoder was trained
  double last_loss = 0;
  std::optional<ValidQuality> valid_candidates;  // of the best epoch
  std::optional<ValidQuality> valid_all_items;
  FusionWeights weights;                               // of lists that no first stage below made
  std::vector<FirstStageWeights> first_stage_weights;  // in the order of TrainOptions::first_stages
  double fit_seconds = 0;
  bool resumed = false;
};

// Throws Error kInput (inputs that cannot be used or do not belong together, a target of split valid or test), kUsage
// (options out of range, mode full), kOutput, kInternal (a loss that is no number: names step, batch, learning rate),
// kSignal after saving the checkpoint.
TrainReport train(const TrainOptions& options, const ProfileText& texts, TextEncoder& encoder);

}  // namespace persona4rec
