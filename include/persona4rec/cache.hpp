// cache: vectors of users and personas, laid out so that reranking is dot products alone. No torch here: the encoder
// comes in through its interface.
//
// Reads   3.5_history, 3.5_targets, 3.5_persona_with_summary; 4_selected_personas only for the meta file.
// Writes  cache/user_item     interaction_embeds.fp16.mmap [rows, d], uids.txt, index.json, rows.jsonl, mean.npy
//         cache/item_persona  persona_embeds.fp16.mmap [personas, d], persona_head.fp16.mmap (with a head), uids.txt,
//                             business_id_to_uids.json, personas.jsonl, mean.npy
//         cache/user_profile  <world>/frozen.fp16.mmap, head.fp16.mmap (with a head) [users, d], users.jsonl
//         cache/words         terms.txt, items.*, persona_words.* and users.<world>.* (CSR), items.jsonl
//         each with its cache_meta.json; cache.meta.json and cache.run.json beside the folder.
//         Layouts: data/README.md; the published files keep their names and shapes.
//
// Rows are the interactions that any world may use, one a uid; interactions with equal uids share a vector, that of the
// one that the strictest world may see. Two worlds, valid and test: persona texts and the head are of one item side
// that ends before both; word statistics, item means and support of world test also see what lies before its own
// targets (src/matching has the formulas).
//
// Crash-safe: folders appear whole; cache.meta.json goes first and comes last, so that a cache cut short is refused.
// Deterministic for equal inputs, options and vectors, whatever the threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "persona4rec/dataset.hpp"
#include "persona4rec/encoder_head.hpp"
#include "persona4rec/matching_options.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"
#include "persona4rec/text_encoder.hpp"
#include "persona4rec/words.hpp"

namespace persona4rec {

class ProfileText;

// Which texts the item side of the word channel is made of.
enum class WordsFrom : std::uint8_t {
  kReviews,   // the item's item-side reviews
  kPersonas,  // the item's persona texts
};

struct CacheOptions {
  std::filesystem::path history;               // input 3.5_history.jsonl
  std::filesystem::path targets;               // input 3.5_targets.jsonl; empty = not compared with the split
  std::filesystem::path persona_with_summary;  // input 3.5_persona_with_summary.jsonl
  std::filesystem::path selected;              // input 4_selected_personas.jsonl, hashed only; empty = none
  std::filesystem::path summary;               // input 2_summary.jsonl: words of items without personas; empty = none
  std::filesystem::path cache;                 // output folder
  std::filesystem::path head_weights;          // fusion weights stored beside the head (JSON); empty = the defaults
  std::filesystem::path encoder_folder;        // whose meta file, where `train` wrote one, joins the lineage; or empty

  std::string model = "unknown";    // the encoder's name in cache_meta.json ("all-MiniLM-L6-v2")
  std::string pooling = "unknown";  // the encoder's pooling in cache_meta.json ("mean")

  PersonaVectors persona_vectors = PersonaVectors::kSupport;
  ProfileOptions profile;                      // of users, and of writers behind PersonaVectors::kReaders
  bool center = true;                          // subtract the item side's mean; off = vectors as the encoder makes them
  WordsFrom words_from = WordsFrom::kReviews;  //
  WordOptions words;                           // which terms count
  bool uid_with_text = false;                  // uids as the published Yelp cache makes them: + 16 characters of text
  SplitOptions split;
  TimeFormat time;                 // how numbers in `timestamp` are read
  std::uint64_t max_bad_rows = 0;  // broken input rows skipped per file before giving up; 0 = none
  std::size_t threads = 0;         // of profiles and words; 0 = all processors; changes no result
  bool encodes_only = false;       // does what comes before the last text is encoded, and writes nothing: a rank > 0
  bool force = false;              // mismatched inputs are warnings
  ProgressFn progress;             // empty = silent
};

struct CacheReport {
  std::uint64_t interactions = 0;       // in the history
  std::uint64_t rows = 0;               // vectors in user_item
  std::uint64_t colliding_uids = 0;     // interactions that share the vector of another
  std::uint64_t rows_without_text = 0;  // nothing to encode: no vector
  std::uint64_t items = 0;              // with interactions or personas
  std::uint64_t items_without_personas = 0;
  std::uint64_t personas = 0;
  std::uint64_t personas_from_text = 0;  // their text stands in for what was asked for
  std::uint64_t personas_without_vector = 0;
  std::uint64_t support_unknown = 0;        // support ids that are no review of the item in the history
  std::uint64_t support_not_item_side = 0;  // ... that the item side may not use: left out
  std::uint64_t users_valid = 0;            // with a liked interaction in world valid
  std::uint64_t users_test = 0;
  std::uint64_t users_without_vector_valid = 0;  // liked interactions without any vector
  std::uint64_t users_without_vector_test = 0;
  std::uint64_t users_without_words_valid = 0;
  std::uint64_t users_without_words_test = 0;
  std::uint64_t items_without_words = 0;
  std::uint64_t items_without_persona_words = 0;
  std::uint64_t terms = 0;            // of world test
  std::uint64_t terms_valid = 0;      // of world valid
  std::uint64_t support_of_test = 0;  // reviews of world test's item side alone, given to the nearest persona
  std::uint64_t bad_rows = 0;
  bool has_head = false;
  EncodeCounts encoded;
};

// `head` may be null: no head vectors then. With a head its means are the centring means, whatever `center` says must
// agree. Memory: f32 [rows, d], f32 [items, d], indexes, term counts; texts only a window at a time.
// Throws Error kInput (inputs that cannot be used or do not belong together), kUsage (options out of range), kOutput.
CacheReport build_cache(const CacheOptions& options, const ProfileText& texts, TextEncoder& encoder,
                        const EncoderHead* head);

}  // namespace persona4rec
