mod crash_points;
mod on_disks;
