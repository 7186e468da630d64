//! Checks the RPC ports before the node starts.

use sc_service::config::RpcEndpoint;
use std::{
	io::ErrorKind,
	net::{SocketAddr, TcpListener},
};

/// Fails if an endpoint that must keep its port finds it taken.
///
/// An optional address may be missing on this machine, as IPv6 often is. A port that another program
/// has is an error there too: clients of `localhost` would reach that program.
pub fn check(endpoints: &[RpcEndpoint]) -> Result<(), String> {
	for endpoint in endpoints.iter().filter(|endpoint| !endpoint.retry_random_port) {
		match TcpListener::bind(endpoint.listen_addr) {
			Err(error) if error.kind() == ErrorKind::AddrInUse => {
				return Err(in_use(endpoint.listen_addr))
			},
			Err(error) if !endpoint.is_optional => {
				return Err(format!("cannot listen for RPC on {}: {error}", endpoint.listen_addr))
			},
			_ => {},
		}
	}
	Ok(())
}

fn in_use(address: SocketAddr) -> String {
	format!(
		"RPC port {} is in use on {}: stop the program that listens there, or choose another port \
		 with --rpc-port",
		address.port(),
		address.ip(),
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use sc_service::config::{RpcBatchRequestConfig, RpcMethods};

	fn endpoint(listen_addr: SocketAddr) -> RpcEndpoint {
		RpcEndpoint {
			listen_addr,
			batch_config: RpcBatchRequestConfig::Unlimited,
			max_connections: 1,
			max_payload_in_mb: 1,
			max_payload_out_mb: 1,
			max_subscriptions_per_connection: 1,
			max_buffer_capacity_per_connection: 1,
			rpc_methods: RpcMethods::Auto,
			rate_limit: None,
			rate_limit_trust_proxy_headers: false,
			rate_limit_whitelisted_ips: Vec::new(),
			cors: None,
			retry_random_port: false,
			is_optional: false,
		}
	}

	#[test]
	fn a_free_port_is_accepted_and_left_free() {
		let any = endpoint(([127, 0, 0, 1], 0).into());
		assert_eq!(check(&[any.clone(), any]), Ok(()));
	}

	#[test]
	fn a_taken_port_is_refused_unless_the_endpoint_may_move() {
		let holder = TcpListener::bind("127.0.0.1:0").unwrap();
		let taken = endpoint(holder.local_addr().unwrap());
		let refusal = Err(in_use(taken.listen_addr));

		assert_eq!(check(std::slice::from_ref(&taken)), refusal);
		assert_eq!(check(&[RpcEndpoint { is_optional: true, ..taken.clone() }]), refusal);
		assert_eq!(check(&[RpcEndpoint { retry_random_port: true, ..taken }]), Ok(()));
	}

	#[test]
	fn an_address_of_another_machine_is_refused_unless_optional() {
		// TEST-NET-1 is assigned to no machine.
		let foreign = endpoint(([192, 0, 2, 1], 0).into());

		assert!(check(std::slice::from_ref(&foreign)).unwrap_err().contains("192.0.2.1"));
		assert_eq!(check(&[RpcEndpoint { is_optional: true, ..foreign }]), Ok(()));
	}
}
