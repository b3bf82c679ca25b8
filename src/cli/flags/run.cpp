#include "cli/flags/run.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/values.hpp"

namespace persona4rec {

void ForceFlag::add(CLI::App& app) {
  app.add_flag("--force", value, "Warn about inputs that do not belong together instead of refusing them")
      ->group("Run");
}

void ThreadsFlag::add(CLI::App& app) {
  add_number(app, "--threads", value, {}, "Threads; 0 = every processor this process may use")->group("Run");
}

void SeedFlag::add(CLI::App& app) {
  add_number(app, "--seed", value, {}, "Seed of everything random, and of ties in time")->group("Run");
}

void DeviceFlag::add(CLI::App& app) {
  app.add_option("--device", value, "Where the encoder computes: auto (a GPU where there is one), cpu, cuda or cuda:N")
      ->type_name("NAME")
      ->capture_default_str()
      ->group("Encoder");
}

void BadRowsFlag::add(CLI::App& app) {
  add_number(app, "--max-bad-rows", value, {}, "Unusable rows of an input to skip and count; 0 = none is accepted")
      ->group("Run");
}

}  // namespace persona4rec
