mod crash_points;
mod failing;
mod on_disks;
mod trials;
