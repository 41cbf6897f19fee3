// What groups are when they run one after another: what they hand on in scratchpads, and what stays there from run to run.
#pragma once

#include <vector>

#include "tools/rducc/target/rdu/lower/drafts.hpp"

namespace rducc::rdu::lower {

// Of each group, which of the constants that it asks for stay.
using Stays = std::vector<std::vector<bool>>;
// Groups of which something stays: each has a setup section, in front of all others.
std::size_t num_setups(const Stays& stays);

class SectionsPlan {
 public:
  SectionsPlan(const Work& work, const chip::TargetOptions& options, Drafts& drafts)
      : work_(work), options_(options), drafts_(drafts) {}

  // Hands on what there is room for; less, and less of the chip for crowded groups, where that unburdens the run.
  void share_scratchpads(std::vector<Group>& groups);
  // Lets go of what is not to be had in scratchpads, or takes more of them than there are.
  void make_room(std::vector<Group>& groups);

  Stays choose_stays(const std::vector<Group>& groups);
  // The sections, behind those that set them up. False where a value turned out not to be for scratchpads: it is let go.
  bool emit(Flow& flow, Regions& regions, std::vector<Group>& groups, const Stays& stays);

  // What is in scratchpads while a section runs that does not fit: whether there was anything to let go.
  bool relieve(std::size_t section) { return onwards_.relieve(section); }
  void keep_less();

 private:
  void hand_onwards(const std::vector<Group>& groups);
  void thin_out(std::vector<Group>& groups);
  bool relieve(Group& group, std::size_t number);
  double burden(std::vector<Group>& groups);

  const Work& work_;
  const chip::TargetOptions& options_;
  Drafts& drafts_;
  Onwards onwards_;
  std::size_t keeping_ = 0;  // number of kKeeping; behind the last nothing stays
};

}  // namespace rducc::rdu::lower
