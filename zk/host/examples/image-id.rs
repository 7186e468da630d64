//! Prints the image id of a guest, as hexadecimal digits.
//!
//! `cargo run -p prover-pool-zk-host --example image-id -- ELF`

use prover_pool_zk_host::image::image_id;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
	let path = env::args_os().nth(1).ok_or("the ELF file is missing")?;
	println!("{}", hex::encode(image_id(&fs::read(path)?)?));
	Ok(())
}
