// A bound on how many runs may be in one place at once, and the queue of those that wait for their turn.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace rdu::runtime {

class Turns {
 public:
  // Who waits, without a thread that does.
  class Waiter {
   public:
    // The turn is the waiter's now. From any thread, once for each time that it queued.
    virtual void turn_came() noexcept = 0;

    // Leaves the queue; false: it is in none, or has its turn. From any thread, while what it waited for exists.
    bool withdraw();

   protected:
    ~Waiter() = default;

   private:
    friend class Turns;
    std::atomic<Turns*> turns_{nullptr};  // where it queued last
    Waiter* next_ = nullptr;              // of the queue that it is in
  };

  explicit Turns(std::uint32_t count) : left_(count) {}

  // Takes a turn; false: `waiter` is in the queue, and may have its turn already.
  bool take_or_queue(Waiter& waiter);
  // Blocks; false: `deadline_ns` (0: none) passed first. Waits behind those who came before.
  bool take(std::uint64_t deadline_ns);
  // Once for each turn.
  void give_back();

 private:
  bool remove(Waiter& waiter);

  std::mutex mutex_;
  std::uint32_t left_;
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

}  // namespace rdu::runtime
